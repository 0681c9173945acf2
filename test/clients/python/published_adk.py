"""
Runs a script under the published kit. Its one fault on Python 3.10 and newer, a keyword
that is no longer there, is mended, so that its answers can be seen.
"""

import runpy
import sys
import traceback

format_exception = traceback.format_exception


def with_old_keyword(*arguments, etype=None, **others):
    return format_exception(*([etype] if etype else arguments), **others)


traceback.format_exception = with_old_keyword
del sys.argv[0]
runpy.run_path(sys.argv[0], run_name="__main__")
