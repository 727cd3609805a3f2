"""From a camera's JPEG to a verdict and the files that will be registered.

``decode -> detect -> landmarks -> measure -> judge -> crop -> render -> encode``; :class:`pipeline.Pipeline` runs it.
"""
