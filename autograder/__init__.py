"""What instructors run: build the notebooks, grade a class, write the feedback."""

import sys

# jsonschema, which nbformat needs, can check international web addresses if it finds this package.
# Its import takes a second, longer than all others of a command together; notebooks have none.
sys.modules.setdefault("rfc3987_syntax", None)
