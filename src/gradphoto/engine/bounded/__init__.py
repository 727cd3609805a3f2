"""The one reader of what strangers hand in: a child process with limits of memory and time, ended and told.

What it answers comes back through a pipe in frames of bounded size that are checked before they are used; nothing is
unpickled. :func:`reader.run` starts it, ``tasks`` is what it can do; docs/uploads.md lists every place of the product.
"""
