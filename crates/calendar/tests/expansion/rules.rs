//! The parts of a rule (RFC 5545 §3.3.10), one case for each class that engines get wrong.

use super::cases::{AND_SO_ON, check};

#[test]
fn the_29th_of_february_comes_every_fourth_year_and_not_in_2100() {
    let days = ["2024-02-29", "2028-02-29", "2032-02-29", AND_SO_ON];
    check("2024-02-29", &["FREQ=YEARLY"], &days);
    check(
        "2096-02-29",
        &["FREQ=YEARLY;COUNT=2"],
        &["2096-02-29", "2104-02-29"],
    );
}

#[test]
fn months_without_a_31st_are_left_out() {
    let days = [
        "2026-01-31",
        "2026-03-31",
        "2026-05-31",
        "2026-07-31",
        "2026-08-31",
        AND_SO_ON,
    ];
    check("2026-01-31", &["FREQ=MONTHLY"], &days);
    check("2026-01-31", &["FREQ=MONTHLY;BYMONTHDAY=31"], &days);
}

#[test]
fn days_are_counted_from_the_end_of_months_that_have_as_many() {
    let days = [
        "2024-01-03",
        "2024-02-01",
        "2024-03-03",
        "2024-04-02",
        AND_SO_ON,
    ];
    check("2024-01-03", &["FREQ=MONTHLY;BYMONTHDAY=-29"], &days);
    let days = [
        "2026-01-02",
        "2026-03-02",
        "2026-04-01",
        "2026-05-02",
        AND_SO_ON,
    ];
    check("2026-01-02", &["FREQ=MONTHLY;BYMONTHDAY=-30"], &days);
    let days = [
        "2026-01-01",
        "2026-03-01",
        "2026-05-01",
        "2026-07-01",
        AND_SO_ON,
    ];
    check("2026-01-01", &["FREQ=MONTHLY;BYMONTHDAY=-31"], &days);
}

#[test]
fn the_366th_day_of_a_year_is_there_in_leap_years_only() {
    let days = ["2024-12-31", "2028-12-31", AND_SO_ON];
    check("2024-12-31", &["FREQ=YEARLY;BYYEARDAY=366"], &days);
    let days = ["2024-01-01", "2028-01-01", AND_SO_ON];
    check("2024-01-01", &["FREQ=YEARLY;BYYEARDAY=-366"], &days);
    let days = [
        "2026-01-01",
        "2026-12-31",
        "2027-01-01",
        "2027-12-31",
        AND_SO_ON,
    ];
    check("2026-01-01", &["FREQ=YEARLY;BYYEARDAY=1,-1"], &days);
}

#[test]
fn days_with_and_without_a_number_add_up() {
    let days = [
        "2026-11-04",
        "2026-11-06",
        "2026-11-11",
        "2026-11-13",
        "2026-11-16",
        "2026-11-18",
        "2026-11-20",
        "2026-11-25",
        "2026-11-27",
        AND_SO_ON,
    ];
    check("2026-11-04", &["FREQ=MONTHLY;BYDAY=3MO,WE,FR"], &days);
}

#[test]
fn positions_count_from_the_whole_first_period() {
    let days = ["2026-11-06", "2026-11-13", "2026-11-20", AND_SO_ON];
    check(
        "2026-11-06",
        &["FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=3"],
        &days,
    );
    // The first of that week is over; DTSTART itself is shown and not counted.
    let days = ["2026-11-06", "2026-11-09", "2026-11-16"];
    check(
        "2026-11-06",
        &["FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=1;COUNT=2"],
        &days,
    );
    let days = ["2026-11-27", "2026-12-30", "2027-01-28", AND_SO_ON];
    check(
        "2026-11-27",
        &["FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2"],
        &days,
    );
    let days = ["2026-06-01", "2027-06-01", AND_SO_ON];
    check(
        "2026-06-01",
        &["FREQ=YEARLY;BYMONTH=1,6,12;BYMONTHDAY=1;BYSETPOS=2"],
        &days,
    );
}

#[test]
fn several_positions_from_both_ends() {
    let days = [
        "2026-11-01",
        "2026-11-29",
        "2026-12-06",
        "2026-12-27",
        AND_SO_ON,
    ];
    check(
        "2026-11-01",
        &["FREQ=MONTHLY;BYDAY=SU;BYSETPOS=1,-1"],
        &days,
    );
    // One and the same from both ends is one.
    let days = ["2026-11-06", "2026-12-06", AND_SO_ON];
    check(
        "2026-11-06",
        &["FREQ=MONTHLY;BYMONTHDAY=6;BYSETPOS=1,-1"],
        &days,
    );
    let times = ["2026-11-20T18:00:00", "2026-11-21T18:00:00", AND_SO_ON];
    check(
        "2026-11-20T18:00",
        &["FREQ=DAILY;BYHOUR=8,12,18;BYSETPOS=-1"],
        &times,
    );
    let times = ["2026-11-20T10:40:00", "2026-11-20T11:40:00", AND_SO_ON];
    check(
        "2026-11-20T10:40",
        &["FREQ=HOURLY;BYMINUTE=0,20,40;BYSETPOS=3"],
        &times,
    );
}

#[test]
fn week_1_may_begin_in_the_year_before() {
    let days = [
        "2024-01-01",
        "2024-12-30",
        "2025-12-29",
        "2027-01-04",
        AND_SO_ON,
    ];
    check("2024-01-01", &["FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO"], &days);
    let days = ["2024-01-01", "2025-12-29", "2028-01-03", AND_SO_ON];
    check(
        "2024-01-01",
        &["FREQ=YEARLY;INTERVAL=2;BYWEEKNO=1;BYDAY=MO"],
        &days,
    );
}

#[test]
fn weeks_53_and_last_are_those_the_year_has() {
    let days = ["2021-01-01", "2027-01-01", "2032-12-31", AND_SO_ON];
    check("2021-01-01", &["FREQ=YEARLY;BYWEEKNO=53;BYDAY=FR"], &days);
    let days = ["2026-12-28", "2027-12-27", AND_SO_ON];
    check("2026-12-28", &["FREQ=YEARLY;BYWEEKNO=-1;BYDAY=MO"], &days);
    let days = ["2026-12-21", "2027-12-27", AND_SO_ON];
    check("2026-12-21", &["FREQ=YEARLY;BYWEEKNO=52;BYDAY=MO"], &days);
}

#[test]
fn weeks_begin_on_the_day_the_rule_says() {
    let days = [
        "2023-01-01",
        "2023-12-31",
        "2024-12-29",
        "2026-01-04",
        AND_SO_ON,
    ];
    check(
        "2023-01-01",
        &["FREQ=YEARLY;BYWEEKNO=1;BYDAY=SU;WKST=SU"],
        &days,
    );
    let days = ["1997-08-05", "1997-08-10", "1997-08-19", "1997-08-24"];
    check(
        "1997-08-05",
        &["FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO"],
        &days,
    );
    let days = ["1997-08-05", "1997-08-17", "1997-08-19", "1997-08-31"];
    check(
        "1997-08-05",
        &["FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU"],
        &days,
    );
}

#[test]
fn what_a_rule_leaves_unsaid_comes_from_its_start() {
    let days = ["2026-05-12", "2027-05-18", AND_SO_ON];
    check("2026-05-12", &["FREQ=YEARLY;BYWEEKNO=20"], &days);
    let days = ["2026-01-05", "2026-02-05", "2026-03-05", AND_SO_ON];
    check("2026-01-05", &["FREQ=YEARLY;BYMONTHDAY=5"], &days);
    let days = ["2026-03-05", "2026-06-05", "2027-03-05", AND_SO_ON];
    check("2026-03-05", &["FREQ=YEARLY;BYMONTH=3,6"], &days);
    let days = ["2026-05-18", "2027-05-17", AND_SO_ON];
    check("2026-05-18", &["FREQ=YEARLY;BYDAY=20MO"], &days);
    let days = ["2026-11-20", "2026-11-27", "2026-12-04", AND_SO_ON];
    check("2026-11-20", &["FREQ=YEARLY;BYDAY=FR"], &days);
}

#[test]
fn weekdays_and_days_of_the_month_must_both_hold() {
    let days = [
        "2026-02-13",
        "2026-03-13",
        "2026-11-13",
        "2027-08-13",
        AND_SO_ON,
    ];
    check(
        "2026-02-13",
        &["FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13"],
        &days,
    );
    let days = ["2024-11-05", "2028-11-07", "2032-11-02", AND_SO_ON];
    let rule = "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8";
    check("2024-11-05", &[rule], &days);
}

#[test]
fn minutes_are_neither_lost_at_the_beginning_nor_at_the_end() {
    let times = [
        "2026-11-20T10:15:00",
        "2026-11-20T10:30:00",
        "2026-11-20T11:15:00",
        "2026-11-20T11:30:00",
        AND_SO_ON,
    ];
    check(
        "2026-11-20T10:15",
        &["FREQ=MINUTELY;BYMINUTE=15,30"],
        &times,
    );
    let times = [
        "2026-11-20T10:00:00",
        "2026-11-20T10:30:00",
        "2026-11-20T11:00:00",
        "2026-11-20T11:30:00",
    ];
    check(
        "2026-11-20T10:00",
        &["FREQ=HOURLY;BYMINUTE=0,30;UNTIL=20261120T113000"],
        &times,
    );
    // The first start's own day is left out by the rule, and the next is not lost.
    let times = [
        "2026-11-22T10:10:10",
        "2026-11-23T00:10:10",
        "2026-11-23T01:10:10",
        AND_SO_ON,
    ];
    check(
        "2026-11-22T10:10:10",
        &["FREQ=MINUTELY;INTERVAL=60;BYDAY=MO"],
        &times,
    );
    let times = ["2026-11-20T10:00:59", "2026-11-20T10:01:59", AND_SO_ON];
    check(
        "2026-11-20T10:00:59",
        &["FREQ=MINUTELY;BYSECOND=60"],
        &times,
    );
}

#[test]
fn intervals_may_be_large() {
    let times = [
        "2026-11-20T00:00:10",
        "2026-11-21T00:00:09",
        "2026-11-22T00:00:08",
        AND_SO_ON,
    ];
    check(
        "2026-11-20T00:00:10",
        &["FREQ=SECONDLY;INTERVAL=86399"],
        &times,
    );
    let times = ["2026-01-01T00:00:00", "2026-03-11T10:40:00", AND_SO_ON];
    check(
        "2026-01-01T00:00",
        &["FREQ=MINUTELY;INTERVAL=100000"],
        &times,
    );
    let days = ["2026-11-20", "2206-04-18", AND_SO_ON];
    check(
        "2026-11-20",
        &["FREQ=DAILY;INTERVAL=65536"],
        &days[..1]
            .iter()
            .chain(&[AND_SO_ON])
            .copied()
            .collect::<Vec<_>>(),
    );
}

#[test]
fn a_rule_that_names_little_or_nothing_is_found_or_given_up() {
    let days = ["2024-02-29", "2044-02-29", "2072-02-29", AND_SO_ON];
    check(
        "2024-02-29",
        &["FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO"],
        &days,
    );
    check(
        "2024-02-29",
        &["FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO"],
        &days,
    );
    for rule in [
        "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYMONTH=4;BYMONTHDAY=31",
        "FREQ=YEARLY;BYWEEKNO=54",
        "FREQ=MONTHLY;BYDAY=6MO",
        "FREQ=DAILY;BYSETPOS=2",
        "FREQ=DAILY;BYMONTHDAY=0",
        "FREQ=YEARLY;BYMONTH=13",
    ] {
        check("2026-11-20", &[rule], &["2026-11-20"]);
    }
}

#[test]
fn a_number_out_of_range_takes_nothing_else_away() {
    let days = ["2026-11-03", "2026-12-01", AND_SO_ON];
    check("2026-11-03", &["FREQ=MONTHLY;BYDAY=1TU,6MO"], &days);
    let times = ["2026-11-20T10:00:00", "2026-11-21T10:00:00", AND_SO_ON];
    check("2026-11-20T10:00", &["FREQ=DAILY;BYHOUR=10,24"], &times);
}

#[test]
fn hours_say_nothing_about_days() {
    let days = ["2026-11-20", "2026-11-21"];
    check(
        "2026-11-20",
        &["FREQ=DAILY;BYHOUR=9,17;BYMINUTE=5;BYSECOND=1;COUNT=2"],
        &days,
    );
    check("2026-11-20", &["FREQ=HOURLY;COUNT=2"], &days);
    check(
        "2026-11-20",
        &["FREQ=HOURLY;INTERVAL=48"],
        &["2026-11-20", "2026-11-22", AND_SO_ON],
    );
    let days = [
        "2026-11-20",
        "2026-11-21",
        "2026-11-23",
        "2026-11-24",
        AND_SO_ON,
    ];
    check("2026-11-20", &["FREQ=HOURLY;INTERVAL=36"], &days);
}

#[test]
fn a_first_start_outside_its_rule_is_shown_and_not_counted() {
    let days = ["2026-11-20", "2026-11-23", "2026-11-30"];
    check("2026-11-20", &["FREQ=WEEKLY;BYDAY=MO;COUNT=2"], &days);
    // Nor does the age of the series matter to where its count ends.
    let days = [
        "2026-11-20",
        "2026-12-01",
        "2026-12-31",
        "2027-01-01",
        "2027-01-31",
    ];
    check(
        "2026-11-20",
        &["FREQ=MONTHLY;BYMONTHDAY=1,-1;COUNT=4;BYMONTH=1,12"],
        &days,
    );
}

#[test]
fn until_takes_in_its_own_moment_and_nothing_after() {
    let times = ["2026-11-20T10:00:00", "2026-11-21T10:00:00"];
    check(
        "2026-11-20T10:00",
        &["FREQ=DAILY;UNTIL=20261121T100000"],
        &times,
    );
    check(
        "2026-11-20T10:00",
        &["FREQ=DAILY;UNTIL=20261121T095959"],
        &times[..1],
    );
    // A date among times is its midnight, a time among dates is its date.
    check("2026-11-20T10:00", &["FREQ=DAILY;UNTIL=20261122"], &times);
    check(
        "2026-11-20",
        &["FREQ=DAILY;UNTIL=20261121T000000Z"],
        &["2026-11-20", "2026-11-21"],
    );
    check(
        "2026-11-20",
        &["FREQ=DAILY;UNTIL=20261119"],
        &["2026-11-20"],
    );
    check(
        "2026-11-20T10:00",
        &["FREQ=DAILY;UNTIL=20261101T000000Z"],
        &times[..1],
    );
}

#[test]
fn both_until_and_count_hold() {
    let days = ["2026-11-20", "2026-11-21"];
    check("2026-11-20", &["FREQ=DAILY;COUNT=9;UNTIL=20261121"], &days);
    check("2026-11-20", &["FREQ=DAILY;COUNT=2;UNTIL=20261231"], &days);
}

#[test]
fn days_that_do_not_exist_are_replaced_where_the_rule_says_so() {
    let days = [
        "2026-01-31",
        "2026-02-28",
        "2026-03-31",
        "2026-04-30",
        AND_SO_ON,
    ];
    check(
        "2026-01-31",
        &["RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=BACKWARD"],
        &days,
    );
    let days = [
        "2026-01-31",
        "2026-03-01",
        "2026-03-31",
        "2026-05-01",
        AND_SO_ON,
    ];
    check(
        "2026-01-31",
        &["RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=FORWARD"],
        &days,
    );
    let days = [
        "2024-02-29",
        "2025-03-01",
        "2026-03-01",
        "2027-03-01",
        "2028-02-29",
        AND_SO_ON,
    ];
    check(
        "2024-02-29",
        &["RSCALE=GREGORIAN;FREQ=YEARLY;SKIP=FORWARD"],
        &days,
    );
    // What stands in for one day and is another all the same is one.
    let days = ["2026-01-28", "2026-01-31", "2026-02-28", "2026-03-28"];
    check(
        "2026-01-28",
        &["RSCALE=GREGORIAN;FREQ=MONTHLY;BYMONTHDAY=28,31;SKIP=BACKWARD;COUNT=4"],
        &days,
    );
}

#[test]
fn several_rules_add_up() {
    let days = [
        "2026-11-20",
        "2026-11-21",
        "2026-11-22",
        "2026-11-27",
        "2026-12-04",
    ];
    check(
        "2026-11-20",
        &["FREQ=DAILY;COUNT=3", "FREQ=WEEKLY;COUNT=3"],
        &days,
    );
}
