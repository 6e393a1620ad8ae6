"""An office over SQLite; tests of the book itself ask for `any_office`, which there is over each kind of database."""

import shutil

import pytest
from tests.service.screenings.office import Office


@pytest.fixture
def open_office(tmp_path, sqlite_template):
    """Open the office of the test's data folder, once or again; settings by name."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    file = folder / "tidegate.sqlite"
    shutil.copyfile(sqlite_template, file)
    opened = []

    def run(**settings):
        opened.append(Office(f"sqlite:///{file}", folder, **settings))
        return opened[-1]

    yield run
    for office in opened:
        office.close()


@pytest.fixture
def office(open_office):
    return open_office()


@pytest.fixture
def any_office(database_url, tmp_path):
    """An office that works nothing off, over each kind of database."""
    office = Office(database_url, tmp_path / "data", start=False)
    yield office
    office.close()
