"""A trained face-parsing network as an operator's option: which pixel is ear, hair, glasses, lip, hat (docs/face-parsing.md).

Never installed by default. ``torch_file`` and ``bisenet`` make an ONNX file of the known checkpoint at install time,
``manifest`` describes any model that stands in its place, ``network`` runs it, ``regions`` reads what it drew.
"""
