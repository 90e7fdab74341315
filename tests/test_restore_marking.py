"""Repaired pictures say what they are: a strip for eyes, metadata for programs."""

import io
import re

import numpy as np
import pytest
from PIL import Image

from lib import images
from lib.restore import marking

GREY = np.random.default_rng(0).integers(0, 256, (90, 160, 3)).astype(np.uint8)


def opened(data):
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize("width", [70, 160, 900])
@pytest.mark.parametrize("note", [marking.NOTE, marking.SHINE_NOTE])
def test_the_strip_stands_beneath_and_leaves_the_picture_alone(width, note):
    picture = np.random.default_rng(width).integers(0, 256, (90, width, 3)).astype(np.uint8)
    shown = marking.with_strip(picture, note)
    assert np.array_equal(shown[:90], picture)
    strip = shown[90:]
    assert strip.shape[0] >= 12 and strip.shape[1] == width and strip.max() == 255
    assert strip.min() < 90, "nothing is written in the strip"
    assert (strip[:, -1] == 255).all(), "the words run over the edge"


def test_narrow_pictures_get_more_lines_and_no_word_is_lost():
    lines = marking._fitted(marking.NOTE, 9, 100)
    assert len(lines) > 2 and " ".join(lines) == marking.NOTE
    assert all(marking._length(line, 9) <= 96 for line in lines)
    assert marking._fitted("two words", 9, 5000) == ["two words"]


def test_large_pictures_get_larger_letters():
    heights = [len(marking.with_strip(np.zeros((side, side, 3), np.uint8))) - side
               for side in (300, 1200, 4000)]  # fmt: skip
    assert heights[0] < heights[1] < heights[2] <= 130  # letters of 48 pixels at most


def test_a_png_keeps_every_pixel_and_says_what_it_is():
    image = opened(marking.encode(GREY, ".png"))
    assert np.array_equal(np.asarray(image), GREY)
    assert image.text["Description"] == marking.NOTE
    assert image.text["Software"] == "Face GAN Lab"
    assert marking.SOURCE_TYPE in image.text["XML:com.adobe.xmp"]


def test_a_jpeg_says_it_in_exif_and_xmp():
    image = opened(marking.encode(GREY, ".jpg", marking.SHINE_NOTE))
    assert image.format == "JPEG" and image.size == (160, 90)
    exif = image.getexif()
    assert exif[0x010E] == marking.SHINE_NOTE and exif[0x0131] == "Face GAN Lab"
    assert marking.SOURCE_TYPE in image.info["xmp"].decode()


def test_the_source_type_is_iptcs_own_word():
    # IPTC's newscodes name it so; a program that reads the metadata compares this address.
    assert marking.SOURCE_TYPE.startswith("http://cv.iptc.org/newscodes/digitalsourcetype/")
    assert marking.SOURCE_TYPE.endswith("/compositeWithTrainedAlgorithmicMedia")


def test_the_xmp_is_sound_xml_whatever_the_note_says():
    from xml.etree import ElementTree

    xmp = opened(marking.encode(GREY, ".png", 'a <b> & "c"')).text["XML:com.adobe.xmp"]
    tree = ElementTree.fromstring(re.sub(r"<\?xpacket.*?\?>", "", xmp))
    told = [node.text for node in tree.iter() if node.tag.endswith("}li")]
    assert told == ['a <b> & "c"']
    kinds = [value for node in tree.iter() for key, value in node.attrib.items()
             if key.endswith("}DigitalSourceType")]  # fmt: skip
    assert kinds == [marking.SOURCE_TYPE]


def test_a_written_file_has_the_strip_where_it_is_asked_for(tmp_path):
    marking.write(tmp_path / "a.png", GREY)
    marking.write(tmp_path / "b.png", GREY, strip=False)
    with_strip, without = (images.read(tmp_path / name) for name in ("a.png", "b.png"))
    assert np.array_equal(with_strip, marking.with_strip(GREY))
    assert np.array_equal(without, GREY)
    assert marking.SOURCE_TYPE in Image.open(tmp_path / "b.png").text["XML:com.adobe.xmp"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "b.png"]


@pytest.mark.parametrize("name", ["a.bmp", "a.gif", "a"])
def test_a_format_without_a_note_is_refused(tmp_path, name):
    with pytest.raises(images.PictureError, match=r"carries no note.*use \.png"):
        marking.write(tmp_path / name, GREY)
    assert not list(tmp_path.iterdir())
