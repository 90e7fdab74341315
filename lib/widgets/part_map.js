// A part map that is painted on: whose map it is, and whose colours and ID it takes.

/** The map of one person in the colours of another; undo brings back both. */
class PartMap extends Raster {
  constructor(size, maps, colours) {
    super(size, { map: maps[0].slice(), colours: structuredClone(colours[0]), source: 0, giver: 0 });
    Object.assign(this, { maps, colours });
  }
  take(source) {
    Object.assign(this.now, { source, map: this.maps[source].slice() });
  }
  give(giver) {
    Object.assign(this.now, { giver, colours: structuredClone(this.colours[giver]) });
  }
}
