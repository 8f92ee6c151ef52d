"""What the heads of files say of their licences."""

from __future__ import annotations

from typing import Any, cast
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marlin.datasets import licences
from marlin.datasets.headers import HEAD, licences_in_head
from marlin.datasets.licence_texts import check_licence
from marlin.datasets.licences import Licences
from marlin.workspaces import MirrorStore, TooLargeError

GPL = """\
/*
 * This program is free software; you can redistribute it and/or modify
 * it under the terms of the GNU General Public License as published by
 * the Free Software Foundation; either version 2 of the License, or
 * (at your option) any later version.
 */
"""
LGPL = """\
# This library is free software; you can redistribute it and/or
# modify it under the terms of the GNU Lesser General Public
# License as published by the Free Software Foundation; either
# version 2.1 of the License, or (at your option) any later version.
"""
KERNEL = (
    "// under the terms of the GNU General Public License version 2 as published by the Free Software Foundation.\n"
)
APACHE = """\
<!--
  Licensed under the Apache License, Version 2.0 (the "License");
  you may not use this file except in compliance with the License.
-->
"""
MOZILLA = """\
/* This Source Code Form is subject to the terms of the Mozilla Public
 * License, v. 2.0. If a copy of the MPL was not distributed with this
 * file, You can obtain one at http://mozilla.org/MPL/2.0/. */
"""
BSD = """\
;; Redistribution and use in source and binary forms, with or without
;; modification, are permitted provided that the following conditions
;; are met:
"""
MIT = """\
-- Permission is hereby granted, free of charge, to any person obtaining
-- a copy of this software and associated documentation files
"""


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("# SPDX-License-Identifier: MIT\n", {"MIT"}),
        ("#!/bin/sh\n\n# SPDX-License-Identifier: gpl-3.0-OR-later\n", {"GPL-3.0-or-later"}),
        ("/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */\n",
         {"GPL-2.0-only WITH Linux-syscall-note", "MIT"}),
        ("<!-- SPDX-License-Identifier: CC-BY-4.0 -->\n", {"CC-BY-4.0"}),
        ("(* SPDX-License-Identifier: (MIT OR Apache-2.0) *)\n", {"MIT", "Apache-2.0"}),
        ("REM SPDX-License-Identifier: 0BSD\r\n", {"0BSD"}),
        ("// SPDX-License-Identifier: LicenseRef-Acme\n", {"LicenseRef-Acme"}),
        ("// SPDX-License-Identifier: ask our lawyers\n", {"unrecognised"}),
        ("# SPDX-License-Identifier: MIT\n" + GPL, {"MIT"}),
        ('TEXT = "SPDX-License-Identifier: " + name\n', set()),
        ("print('add a line with SPDX-License-Identifier: MIT')\n", set()),
        (GPL, {"GPL-2.0-or-later"}),
        (LGPL, {"LGPL-2.1-or-later"}),
        (KERNEL, {"GPL-2.0-only"}),
        (KERNEL.replace(" version 2 ", " "), {"unrecognised"}),
        (KERNEL.replace("GNU General", "GNU Affero General").replace(" 2 ", " 3 "), {"AGPL-3.0-only"}),
        (APACHE, {"Apache-2.0"}),
        (MOZILLA, {"MPL-2.0"}),
        (BSD, {"BSD-2-Clause"}),
        (BSD + ";; Neither the name of the copyright holder nor the names of its\n", {"BSD-3-Clause"}),
        (MIT, {"MIT"}),
        ("# Use of this source code is governed by a BSD-style license in the LICENSE file.\n", set()),
        ("\ufeff// SPDX-License-Identifier: MIT\n", {"MIT"}),
        ('.\\" SPDX-License-Identifier: GPL-2.0-only\n', {"GPL-2.0-only"}),
        (":: SPDX-License-Identifier: MIT\r\n", {"MIT"}),
        ("--[[ SPDX-License-Identifier: MIT ]]\n", {"MIT"}),
        ("/* all\r * SPDX-License-Identifier: MIT\r */\r", {"MIT"}),
        ("// Copyright 2024 Acme. SPDX-License-Identifier: MIT\n", {"MIT"}),
        ("// SPDX-License-Identifier: " + "MIT AND " * 40 + "GPL-3.0-only\n", {"unrecognised"}),
        ("/" * (HEAD - 32) + " SPDX-License-Identifier: GPL-3.0-or-later\n", {"unrecognised"}),
        ("x = 1\n", set()),
        ("x = 1\n" * HEAD + GPL, set()),
    ],
)  # fmt: skip
def test_a_head_names_its_licences(head: str, expected: set[str]) -> None:
    assert licences_in_head(head.encode()) == expected


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_an_editor_may_have_written_it(encoding: str) -> None:
    assert licences_in_head(GPL.encode(encoding)) == {"GPL-2.0-or-later"}


SAID = st.sampled_from(["SPDX-License-Identifier: ", "MIT", " OR ", " AND ", "(", ")", "\n", "# ", "*/", "+", GPL, BSD])


@given(st.lists(SAID | st.text(max_size=5), max_size=30).map("".join))
def test_whatever_a_head_says_can_be_asked_for(head: str) -> None:
    for name in licences_in_head(head.encode()):
        check_licence(name)


@pytest.mark.parametrize("one", ["*", "\n", "(", " ", "#\n", "License ", "SPDX-License-Identifier: (\n"])
def test_a_head_of_nothing_but_signs_is_read_to_its_end(one: str) -> None:
    assert licences_in_head((one * HEAD).encode()) <= {"unrecognised"}


def test_what_could_not_be_looked_at_may_name_a_licence(monkeypatch: pytest.MonkeyPatch) -> None:
    """A licence file of a megabyte, beside a package that says something else; a change of many megabytes."""

    def read(_mirror: object, _commit: str, path: str, **_: Any) -> bytes:
        if path == "LICENSE":
            raise TooLargeError("too large", hint="", limit=1)
        return b'{"license": "MIT"}'

    monkeypatch.setattr(licences, "read_blob", read)
    for files, unread, expected in (
        ([b"LICENSE", b"package.json"], False, ["unrecognised"]),
        ([b"package.json"], False, ["MIT"]),
        ([b"package.json"], True, ["MIT", "unrecognised"]),
        ([], True, []),
    ):
        monkeypatch.setattr(licences, "find_files", lambda *_, files=files: files)
        assert Licences(cast("MirrorStore", mock.Mock())).of("key", ("a" * 40,), unread=unread) == expected
