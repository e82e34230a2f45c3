"""Similar paths against brute force: what people are described by, that all are in the cluster next to them, and what is said of each cluster."""

from __future__ import annotations

from itertools import islice, product
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analysis.asking import Case, length, public_step
from tests.analysis.behaviour.test_paths_oracle import asked
from tests.analysis.strategies import FUZZING
from tests.oracles.path_clusters import centre, cosine, counted, rows
from tests.oracles.paths import Paths, whole_paths

from tilth.analysis.behaviour.path_clusters import PathClusters, PathClustersOptions
from tilth.analysis.behaviour.path_clusters.finding import described
from tilth.analysis.behaviour.paths import occurrences, ranked


def options_of(question: Paths, k: int | None) -> PathClustersOptions:
    start, end, around = (None if step is None else public_step(step) for step in (question.start, question.end, question.around))
    return PathClustersOptions(start, end, question.depth, length(question.sessions), question.fold, question.top, around, k)


@FUZZING
@given(asked())
def test_what_the_kernels_count_is_in_the_paths(given_case: tuple[Case, list[Paths]]) -> None:
    case, several = given_case
    ev, people = case.events(), case.people()
    for question in several:
        expected = counted(question, people)
        options = options_of(question, None)
        names = ranked(ev.ask(occurrences).found, options)
        answer = ev.ask(described, options, names)
        size, ids, entries = len(names.labels), answer.directory.ids.to_pylist(), zip(answer.found.features, answer.found.counts, strict=True)
        features = [*((name, None) for name in names.labels), *product(names.labels, names.labels)]
        found = {
            ids[person]: {features[f]: n for f, n in islice(entries, count)}
            for person, count in zip(answer.found.people, answer.found.sizes, strict=True)
        }
        assert len(features) == size + size * size
        assert found == expected


@FUZZING
@given(asked(), st.sampled_from([None, 2, 3]))
def test_everyone_is_in_the_cluster_next_to_them(given_case: tuple[Case, list[Paths]], k: int | None) -> None:
    case, several = given_case
    ev, people = case.events(), case.people()
    for question in several:
        known = counted(question, people)
        result = PathClusters(ev, options_of(question, k))
        frame, row = result.frame, rows(known)
        members = {c: set(result.people(c)) for c in frame["cluster"]}
        assert sorted(map(str, set(result.people()))) == sorted(str(who) for one in members.values() for who in one) == sorted(map(str, known))
        assert frame["people"].tolist() == sorted((len(one) for one in members.values()), reverse=True)
        assert 0 not in frame["people"].tolist()
        centres = {c: centre([row[who] for who in one]) for c, one in members.items()}
        for c, one in members.items():
            for who in one:
                assert cosine(row[who], centres[c]) >= max(cosine(row[who], other) for other in centres.values()) - 1e-9
            example = result.example(c)
            assert max(cosine(row[who], centres[c]) for who in one) - 1e-4 <= max(
                cosine(row[who], centres[c]) for who in one if told(question, people, who) == example
            )
            assert frame["length"][c - 1] == median(sum(n for (_a, b), n in known[who].items() if b is None) for who in one)
            traits = result.traits[result.traits["cluster"] == c]
            having = {(r.source, r.target): (r.people, r.share, r.overall, r.lift) for r in traits.itertuples()}
            assert set(having) == {f for who in one for f in known[who]}
            for f, (count, share, overall, lift) in having.items():
                assert count == sum(f in known[who] for who in one)
                assert share == pytest.approx(count / len(one))
                assert overall == pytest.approx(sum(f in mine for mine in known.values()) / len(known))
                assert lift == pytest.approx(share / overall)


def told(question: Paths, people: list, who: object) -> list[str | None]:
    """Return a person's paths one after the other, None between them."""
    names: list[str | None] = []
    for path in whole_paths(question, people):
        if path.person == who:
            names += [None, *path.names]
    return names[1:]
