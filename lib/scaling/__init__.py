"""More than one process: preparation on a Dask cluster, training on several devices or machines.

* `cluster` prepares datasets on a Dask cluster, here or at an address.
* `job` and `worker` are a training that any number of processes do together: each of them is
  `python -m lib.scaling.worker job.json`, with TF_CONFIG saying who they are.
* `supervision` starts them, and starts them anew from the last backup when one dies.
* `fitting` holds what Keras' fit lacks for several workers.
* `example` is the small GAN that the lesson and the benchmark train.
"""
