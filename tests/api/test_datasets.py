"""Datasets through the API: given as JSON, uploaded as a file, or made by a generator; all of it or nothing."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from experiments.models import Dataset
from tests.api.clients import client_as
from tests.factories import make_dataset

pytestmark = pytest.mark.django_db

PROBLEMS = [
    {"key": "a", "question": " What is 1 + 2? ", "answers": ["3", "three"], "metadata": {"level": 1}},
    {"key": "b", "question": "Which is even?", "answers": ["B"], "choices": ["1", "2"]},
]


def upload(client, content: bytes, name: str, **fields):
    data = {"name": "uploaded", "file": SimpleUploadedFile(name, content), **fields}
    return client.post("/api/datasets/", data, format="multipart")


def test_problems_given_as_json_are_stored_exactly():
    client = client_as("editor")
    stored = client.post("/api/datasets/", {"name": "mine", "description": "By hand.", "problems": PROBLEMS})
    assert stored.status_code == 201
    body = stored.json()
    assert (body["name"], body["version"], body["n_problems"], body["source"]) == ("mine", 1, 2, "api")
    read = client.get(f"/api/datasets/{body['id']}/problems/").json()["results"]
    names = ("key", "question", "answers", "choices", "metadata")
    assert [tuple(problem[name] for name in names) for problem in read] == [
        ("a", " What is 1 + 2? ", ["3", "three"], [], {"level": 1}),
        ("b", "Which is even?", ["B"], ["1", "2"], {}),
    ]


def test_the_same_name_again_is_the_next_version():
    client = client_as("editor")
    versions = [client.post("/api/datasets/", {"name": "mine", "problems": PROBLEMS}).json()["version"] for _ in range(2)]
    assert versions == [1, 2]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("sums.csv", b"question,answer\n1 + 2,3\n2 + 2,4\n"),
        ("sums.jsonl", b'{"question": "1 + 2", "answer": "3"}\n{"question": "2 + 2", "answer": "4"}\n'),
    ],
)
def test_an_uploaded_file_is_read_by_the_source_its_name_ends_with(name, content):
    client = client_as("editor")
    stored = upload(client, content, name)
    assert stored.status_code == 201, stored.json()
    read = client.get(f"/api/datasets/{stored.json()['id']}/problems/").json()["results"]
    assert [(problem["question"], problem["answers"]) for problem in read] == [("1 + 2", ["3"]), ("2 + 2", ["4"])]


def test_the_sources_options_come_as_json_text_beside_the_file():
    stored = upload(
        client_as("editor"), b"task,result\n1 + 2,3\n", "x.csv", params='{"question_column": "task", "answer_column": "result"}'
    )
    assert stored.status_code == 201, stored.json()
    assert Dataset.objects.get().source_params["question_column"] == "task"


def test_a_broken_line_refuses_the_whole_file_and_names_the_line():
    refused = upload(client_as("editor"), b"question,answer\n1 + 2,3\n2 + 2\n", "sums.csv")
    assert refused.status_code == 400
    assert "Line 3 has 1 cells" in refused.json()["error"]["message"]
    assert not Dataset.objects.exists()


def test_a_generator_needs_no_file():
    params = {"task": "chain_sum", "size": 3}
    stored = client_as("editor").post("/api/datasets/", {"name": "made", "source": "reasoning_gym", "params": params})
    assert stored.status_code == 201, stored.json()
    assert stored.json()["n_problems"] == 3


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"name": "x", "source": "csv"}, "reads a file: send one as multipart/form-data."),
        ({"name": "x", "source": "nowhere"}, "Unknown source “nowhere”. Known: "),
        ({"name": "x", "source": "csv", "problems": PROBLEMS}, "Give either “problems”, or a “source” or a “file”"),
        ({"name": "x", "problems": [PROBLEMS[0], PROBLEMS[0]]}, "Problem 2 repeats the key “a”; keys must differ."),
    ],
)
def test_what_cannot_be_used_is_refused_and_nothing_stored(body, message):
    refused = client_as("editor").post("/api/datasets/", body)
    assert refused.status_code == 400
    assert message in refused.json()["error"]["message"]
    assert not Dataset.objects.exists()


@pytest.mark.parametrize("problems", [[], "text", [{"question": "no key"}], [{"key": "k", "question": ""}]])
def test_malformed_problems_are_named(problems):
    refused = client_as("editor").post("/api/datasets/", {"name": "x", "problems": problems})
    assert list(refused.json()["error"]["fields"]) == ["problems"]


def test_options_that_are_no_object_are_named():
    refused = client_as("editor").post("/api/datasets/", {"name": "x", "source": "csv", "params": "[1]"})
    assert refused.json()["error"]["fields"] == {"params": ["The options must be a JSON object."]}


def test_a_viewer_reads_and_stores_nothing():
    dataset, client = make_dataset(), client_as("viewer")
    assert client.get(f"/api/datasets/{dataset.pk}/").json()["name"] == dataset.name
    assert client.post("/api/datasets/", {"name": "x", "problems": PROBLEMS}).status_code == 403
    assert Dataset.objects.count() == 1


def test_the_list_is_paged_by_key_newest_first():
    datasets = [make_dataset() for _ in range(5)]
    client, found, address = client_as("viewer"), [], "/api/datasets/?page_size=2"
    while address:
        page = client.get(address).json()
        found.append([dataset["id"] for dataset in page["results"]])
        address = page["next"]
    ids = [dataset.pk for dataset in reversed(datasets)]
    assert found == [ids[:2], ids[2:4], ids[4:]]
