"""What calls are exported as, by the names that it is asked for by."""

from __future__ import annotations

from typing import Literal, get_args

#: Programs whose tables are written.
Program = Literal["raven", "audacity", "deepsqueak", "vocalmat"]
#: What calls are exported as.
Form = Literal["csv", Program, "coco", "windows"]
FORMS: tuple[Form, ...] = get_args(Form)
