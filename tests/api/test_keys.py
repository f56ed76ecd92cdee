"""Keys and allowed addresses through the API: keys go in and never come out, addresses are for administrators."""

import pytest

from experiments.inference import consents, keys
from tests.api.clients import client_as

pytestmark = pytest.mark.django_db
SECRET = "sk-planted-in-the-api-9d1e"
URL = "https://api.example.com/v1"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.ASSAY_DATA_DIR = tmp_path


def test_a_key_is_stored_listed_replaced_and_forgotten_and_never_given_back():
    client = client_as("editor")
    answers = [client.post("/api/keys/", {"name": "work", "key": SECRET, "base_url": f"{URL}/"})]
    assert (answers[0].status_code, answers[0].json()) == (201, {"name": "work", "base_url": URL})
    assert keys.stored_key("work", URL) == SECRET
    answers.append(client.get("/api/keys/"))
    assert answers[1].json() == [{"name": "work", "base_url": URL}]
    answers.append(client.delete("/api/keys/work/"))
    assert answers[2].status_code == 204
    assert client.get("/api/keys/").json() == []
    assert not any(SECRET in str(answer.content) for answer in answers)


@pytest.mark.parametrize(
    ("given", "status", "words"),
    [
        ({"name": "../x", "key": SECRET, "base_url": URL}, 400, "cannot name a key"),
        ({"name": "x", "key": f"{SECRET}\nX: y", "base_url": URL}, 400, "one line of plain characters"),
        ({"name": "x", "key": SECRET, "base_url": "ftp://x"}, 400, "begins with http"),
        ({"name": "x", "key": SECRET}, 400, "nothing was changed"),
    ],
)
def test_what_is_no_key_is_refused_without_repeating_it(given, status, words):
    answer = client_as("editor").post("/api/keys/", given)
    assert (answer.status_code, words in answer.data["error"]["message"]) == (status, True)
    assert SECRET not in str(answer.content)
    assert keys.stored() == {}


def test_a_viewer_neither_stores_nor_lists_keys():
    client = client_as("viewer")
    assert client.get("/api/keys/").status_code == 403
    assert client.post("/api/keys/", {"name": "x", "key": SECRET, "base_url": URL}).status_code == 403
    assert client.delete("/api/keys/x/").status_code == 403


def test_an_administrator_allows_an_address_and_takes_it_back():
    client = client_as("administrator")
    answer = client.post("/api/addresses/", {"base_url": "http://gpu:8000/v1/", "variables": ["VLLM_API_KEY"]})
    assert (answer.status_code, answer.json()) == (201, {"base_url": "http://gpu:8000/v1", "variables": ["VLLM_API_KEY"]})
    assert client.get("/api/addresses/").json() == [answer.json()]
    assert consents.allows_private("http://gpu:8000/v1")
    assert consents.allows_key("VLLM_API_KEY", "http://gpu:8000/v1")
    assert client.post("/api/addresses/withdraw/", {"base_url": "http://gpu:8000/v1"}).status_code == 204
    assert client.get("/api/addresses/").json() == []


def test_an_editor_allows_nothing():
    client = client_as("editor")
    assert client.get("/api/addresses/").status_code == 403
    assert client.post("/api/addresses/", {"base_url": "http://gpu:8000/v1"}).status_code == 403
    assert client.post("/api/addresses/withdraw/", {"base_url": "http://gpu:8000/v1"}).status_code == 403
    assert consents.allowed() == {}


def test_a_variable_that_is_none_is_refused():
    answer = client_as("administrator").post("/api/addresses/", {"base_url": "http://gpu:8000/v1", "variables": ["a b"]})
    assert answer.status_code == 400
    assert consents.allowed() == {}
