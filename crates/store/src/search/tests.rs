//! The index as whoever searches sees it.

use super::*;
use crate::event::Shown;
use crate::event::tests::row;
use crate::transaction::Store;
use crate::transaction::tests::scratch;

fn indexed(store: &mut Store, events: &[(u8, Shelf, Option<i64>, &str)]) {
    store
        .write(|tx| {
            let mut rows = Vec::new();
            for (n, shelf, end_s, title) in events {
                let words = Words {
                    title: (*title).to_owned(),
                    ..Words::default()
                };
                rows.push(SearchRow {
                    id: tx.put_event(&row(*n), &Shown::Computed)?,
                    shelf: *shelf,
                    end_s: *end_s,
                    words,
                });
            }
            tx.index(&rows)
        })
        .unwrap();
}

fn title(any_of: Vec<Sought>) -> Term {
    Term {
        columns: vec![Column::Title, Column::Notes],
        any_of,
    }
}

/// The first `count` events of each stretch.
fn firsts(
    store: &mut Store,
    terms: &[Term],
    stretches: &[Stretch],
    order: Order,
    count: usize,
) -> Vec<Vec<u8>> {
    let found = store.read(|tx| {
        let mut found = vec![Vec::new(); stretches.len()];
        tx.search(&tx.condition(terms)?, stretches, order, |at, id| {
            let (_, document, _) = tx.event_version(id)?.unwrap();
            found[at].push(document.as_bytes()[0]);
            Ok::<_, StoreError>(if found[at].len() == count {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            })
        })?;
        Ok::<_, StoreError>(found)
    });
    found.unwrap()
}

fn found(store: &mut Store, terms: &[Term], stretch: Stretch) -> Vec<u8> {
    let order = if stretch == EARLIER {
        Order::LatestFirst
    } else {
        Order::EarliestFirst
    };
    firsts(store, terms, &[stretch], order, usize::MAX).remove(0)
}

const LATER: Stretch = Stretch {
    shelf: Shelf::Once,
    from_s: Some(1_000),
    to_s: None,
};
const EARLIER: Stretch = Stretch {
    shelf: Shelf::Once,
    from_s: None,
    to_s: Some(1_000),
};

#[test]
fn what_is_near_comes_first_on_both_sides() {
    let (_folder, mut store) = scratch();
    indexed(
        &mut store,
        &[
            (1, Shelf::Once, Some(600), "lunch"),
            (2, Shelf::Once, Some(-90_000_000_000), "lunch"),
            (3, Shelf::Once, Some(9_000), "lunch"),
            (4, Shelf::Once, Some(4_000), "lunchbox"),
            (5, Shelf::Lasting, None, "lunch"),
            (6, Shelf::Once, Some(4_000), "dinner"),
        ],
    );
    let lunch = [title(vec![Sought::Beginning("lun".into())])];
    assert_eq!(found(&mut store, &lunch, LATER), [4, 3]);
    assert_eq!(found(&mut store, &lunch, EARLIER), [1, 2]);
    let whole = [title(vec![Sought::Whole("lunch".into())])];
    assert_eq!(found(&mut store, &whole, LATER), [3]);
    let lasting = Stretch {
        shelf: Shelf::Lasting,
        ..LATER
    };
    assert_eq!(found(&mut store, &whole, lasting), [5]);
}

#[test]
fn an_event_is_found_as_it_is_and_not_as_it_was() {
    let (_folder, mut store) = scratch();
    indexed(&mut store, &[(1, Shelf::Once, Some(2_000), "lunch")]);
    indexed(&mut store, &[(1, Shelf::Once, Some(5_000), "dinner")]);
    let word = |word: &str| [title(vec![Sought::Whole(word.into())])];
    assert_eq!(found(&mut store, &word("lunch"), LATER), [0_u8; 0]);
    assert_eq!(found(&mut store, &word("dinner"), LATER), [1]);
    assert!(!store.read(|tx| tx.search_lags_by(0)).unwrap());
    store
        .write(|tx| tx.put_event(&row(1), &Shown::Computed))
        .unwrap();
    assert!(store.read(|tx| tx.search_lags_by(0)).unwrap());
    assert_eq!(store.read(|tx| tx.search_waiting(9)).unwrap().len(), 1);
    store.write(|tx| tx.empty_caches()).unwrap();
    assert_eq!(found(&mut store, &word("dinner"), LATER), [0_u8; 0]);
}

#[test]
fn a_beginning_finds_every_word_be_they_few_or_many() {
    let (_folder, mut store) = scratch();
    let titles: Vec<String> = (0..40)
        .map(|n| format!("lunch{n:02} dinner{}", n / 10))
        .collect();
    let mut events = Vec::new();
    for (n, title) in (0..).zip(&titles) {
        events.push((
            n,
            Shelf::Once,
            Some(2_000 + 60 * i64::from(n)),
            title.as_str(),
        ));
    }
    indexed(&mut store, &events);
    let mut check = |start: &str, count: usize| {
        let terms = [title(vec![Sought::Beginning(start.into())])];
        assert_eq!(found(&mut store, &terms, LATER).len(), count, "{start}");
    };
    check("l", 40);
    check("lu", 40);
    check("lunch", 40);
    check("lunch3", 10);
    check("lunch39", 1);
    check("dinner", 40);
    check("dinner1", 10);
    check("lunchx", 0);
}

#[test]
fn every_shelf_is_read_on_its_own() {
    let (_folder, mut store) = scratch();
    let shelves = [Shelf::Once, Shelf::Lasting, Shelf::Trash];
    for (n, shelf) in (1..).zip(shelves) {
        indexed(&mut store, &[(n, shelf, None, "lunch")]);
    }
    let lunch = [title(vec![Sought::Whole("lunch".into())])];
    for (n, shelf) in (1..).zip(shelves) {
        let stretch = Stretch { shelf, ..LATER };
        assert_eq!(found(&mut store, &lunch, stretch), [n]);
    }
}

#[test]
fn one_walk_reads_several_stretches_and_of_each_no_more_than_is_asked_for() {
    let (_folder, mut store) = scratch();
    let events: Vec<_> = (0..40)
        .map(|n| {
            let shelf = if n < 20 { Shelf::Once } else { Shelf::Lasting };
            (n, shelf, Some(60 * i64::from(n % 20)), "lunch")
        })
        .collect();
    indexed(&mut store, &events);
    let lunch = [title(vec![Sought::Beginning("lun".into())])];
    let later = [Shelf::Once, Shelf::Lasting].map(|shelf| Stretch {
        shelf,
        from_s: Some(600),
        to_s: None,
    });
    let earlier = later.map(|stretch| Stretch {
        from_s: None,
        to_s: Some(600),
        ..stretch
    });
    let mut check = |stretches: &[Stretch], order, count, expected: [&[u8]; 2]| {
        assert_eq!(
            firsts(&mut store, &lunch, stretches, order, count),
            expected
        );
    };
    let all: [Vec<u8>; 2] = [(10..20).collect(), (30..40).collect()];
    check(&later, Order::EarliestFirst, 99, [&all[0], &all[1]]);
    check(&later, Order::EarliestFirst, 2, [&[10, 11], &[30, 31]]);
    check(&earlier, Order::LatestFirst, 3, [&[9, 8, 7], &[29, 28, 27]]);
}

#[test]
fn no_word_is_an_operator() {
    let (_folder, mut store) = scratch();
    indexed(&mut store, &[(1, Shelf::Once, Some(2_000), "and not near")]);
    for word in ["and", "not", "near"] {
        let terms = [title(vec![
            Sought::Beginning(word.into()),
            Sought::Whole("x".into()),
        ])];
        assert_eq!(found(&mut store, &terms, LATER), [1], "{word}");
    }
    for word in ["\"", "*", ")", "^x", "a:b", "-", "\0", "a b"] {
        let terms = [title(vec![Sought::Beginning(word.into())])];
        assert_eq!(found(&mut store, &terms, LATER), [0_u8; 0], "{word}");
    }
}
