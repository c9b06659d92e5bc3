from types import SimpleNamespace

import pytest
from interexter.core.errors import UserError
from interexter.training import publishing


class Hub:
    """Records what a hub is asked for."""

    def __init__(self):
        self.asked = []

    def create_repo(self, name, **more):
        self.asked.append(("create", name, more))

    def upload_folder(self, **more):
        self.asked.append(("folder", more))

    def upload_file(self, **more):
        self.asked.append(("file", more))
        return SimpleNamespace(oid="c0ffee")


def test_a_checkpoint_goes_up_with_the_card_that_holds_its_results(tmp_path):
    hub = Hub()
    found = publishing.publish(hub, tmp_path, "# card", "me/vital-m-r", private=True)
    assert found == {"repository": "me/vital-m-r", "commit": "c0ffee"}
    assert hub.asked == [
        ("create", "me/vital-m-r", {"private": True, "exist_ok": True}),
        ("folder", {"repo_id": "me/vital-m-r", "folder_path": str(tmp_path), "ignore_patterns": ["README.md"]}),
        ("file", {"repo_id": "me/vital-m-r", "path_in_repo": "README.md", "path_or_fileobj": b"# card"}),
    ]


def test_without_an_owner_nothing_is_published():
    assert publishing.repository("me", "vital", "m", "r") == "me/vital-m-r"
    with pytest.raises(UserError, match=r"publish\.owner"):
        publishing.repository("", "vital", "m", "r")
