//! What a word can mean. The words themselves are in the tables of the languages.

use crate::rule::{Frequency, Weekday};

/// What a word or a short phrase can mean. One word can have several meanings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Meaning {
    /// A small word that holds the sentence together.
    Is(Word),
    /// A day of the week.
    Weekday(Weekday),
    /// A day of the week whose short form is also a common word: `sun`, `so`.
    ShortWeekday(Weekday),
    /// Every such day: `Mondays`, `montags`.
    Weekly(Weekday),
    /// Each of a set of days: `weekdays`, `werktags`.
    EachOf(DaySet),
    /// One of a set of days, after a word for "every": `every weekday`.
    OneOf(DaySet),
    /// A month, from 1.
    Month(i8),
    /// A numeral.
    Number(u32),
    /// A numeral with a half: two and a half. In halves.
    Halves(u32),
    /// A place in an order; the last is -1.
    Ordinal(i32),
    /// A unit of time.
    Unit(Unit),
    /// A whole length in one word, in minutes: `Viertelstunde`.
    Minutes(u32),
    /// A day counted from today.
    Day(i32),
    /// A part of a day.
    Part(DayPart),
    /// A weekday and a part of it in one word: `Montagabend`.
    WeekdayPart(Weekday, DayPart),
    /// A part of today: `tonight`.
    Today(DayPart),
    /// A time of day with a name: hour and minute.
    Clock(i8, i8),
    /// How often, in one word: `biweekly`.
    Often(Frequency, u32),
    /// A day of the year with a name: month and day.
    Feast(i8, i8),
}

/// Small words, by what they do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    /// Before a time: `at`.
    At,
    /// Before a day: `on`.
    On,
    /// Before a length that is still to go: `in`.
    In,
    /// After a length that is still to go: `from now`.
    FromNow,
    /// After a length, before the day that it is counted from: `from`, `after`.
    After,
    /// Before a length: `for`.
    For,
    /// Before a start: `from`.
    From,
    /// Before a start, and never before a range: `starting`, `ab`.
    Starting,
    /// Between the ends of a range.
    To,
    /// Before an end.
    Until,
    /// Before both ends of a range: `between`.
    Between,
    /// Before a last moment for doing something: `by`.
    By,
    /// Something is to be done by then: `due`.
    Due,
    /// Between the things of a list.
    And,
    /// Between a part and its whole: `of`, also before months.
    Of,
    /// An article that says nothing.
    The,
    /// `this`
    This,
    /// `next`: of the week or month after this one.
    Next,
    /// The one after the next: `übernächste`.
    AfterNext,
    /// The week after the next one.
    WeekAfterNext,
    /// The next one to come, though it be in this week: `kommenden`.
    Coming,
    /// `every`
    Every,
    /// Every second: `other`.
    Other,
    /// Before what is left out: `except`.
    Except,
    /// After a count of times: `times`.
    Times,
    /// Before noon.
    Am,
    /// After noon.
    Pm,
    /// The same, glued to the number: `9a`.
    GluedAm,
    /// The same, glued to the number: `9p`.
    GluedPm,
    /// An article that counts: `a week`.
    One,
    /// Glued to a number, it makes a place in an order: `15th`.
    OrdinalEnd,
    /// After an hour: `o'clock`, `Uhr`.
    Oclock,
    /// Hours, glued to a number: `14h`.
    GluedHour,
    /// Half past the hour before it is named: `half past`.
    HalfPast,
    /// Half an hour before the hour that is named: `halb`.
    HalfTo,
    /// A half, before a unit.
    Half,
    /// A quarter of an hour.
    Quarter,
    /// Three quarters on the way to the hour that is named: `dreiviertel`.
    ThreeQuarters,
    /// A quarter on the way to the hour that is named: `viertel neun`.
    QuarterOf,
    /// Minutes after the hour.
    Past,
    /// Minutes before the hour.
    ToHour,
    /// `and a half`
    AndHalf,
    /// The beginning of a week, month or year.
    Beginning,
    /// The middle of a month.
    Middle,
    /// The end of a week, month or year.
    End,
    /// The last day of this month, in one word: `Monatsende`.
    MonthEnd,
    /// Saturday and Sunday.
    Weekend,
    /// Before the number of a week: `KW`.
    WeekNumber,
    /// Whole days.
    AllDay,
    /// It is to be done.
    Task,
    /// It is to be done, and to be reminded of: `remind me to`.
    RemindTo,
    /// A reminder, before or after how long.
    Remind,
    /// Before something: `before`, `vorher`.
    Before,
    /// A person follows: `with`.
    With,
    /// Clock time, after a city: `time`.
    Time,
    /// A day that comes back each year, if nothing follows it: `birthday`.
    Birthday,
    /// The same, whatever follows: `Geburtstag`.
    BirthdayOf,
    /// A number after it is its name: `room`.
    Label,
    /// A number before it is a house's: `street`.
    Street,
    /// An ordinal before it counts it: `floor`.
    Counted,
    /// A name follows: `Mr`.
    Honorific,
    /// What goes on for days, so that an end of it is no last day for doing it: `holiday`.
    Stay,
    /// A meal or so of the morning.
    MorningThing,
    /// A meal or so of the evening.
    EveningThing,
}

/// A set of days of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DaySet {
    /// Monday to Friday.
    Workdays,
    /// Saturday and Sunday.
    Weekend,
}

impl DaySet {
    pub(super) const fn days(self) -> &'static [Weekday] {
        const WORK: &[Weekday] = &[
            Weekday::Monday,
            Weekday::Tuesday,
            Weekday::Wednesday,
            Weekday::Thursday,
            Weekday::Friday,
        ];
        match self {
            Self::Workdays => WORK,
            Self::Weekend => &[Weekday::Saturday, Weekday::Sunday],
        }
    }
}

/// A unit of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

/// A part of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DayPart {
    Morning,
    Noon,
    Afternoon,
    Evening,
    Night,
}

impl DayPart {
    /// The hour that stands for it where none is said.
    pub(super) const fn hour(self) -> i8 {
        match self {
            Self::Morning => 9,
            Self::Noon => 12,
            Self::Afternoon => 15,
            Self::Evening => 19,
            Self::Night => 21,
        }
    }
}

/// One accessor for each meaning that carries a value.
macro_rules! carried {
    ($($name:ident: $variant:ident -> $kind:ty),* $(,)?) => {
        impl Meaning {
            $(pub(super) const fn $name(self) -> Option<$kind> {
                if let Self::$variant(value) = self { Some(value) } else { None }
            })*
        }
    };
}

carried! {
    word: Is -> Word,
    full_weekday: Weekday -> Weekday,
    short_weekday: ShortWeekday -> Weekday,
    weekly: Weekly -> Weekday,
    each_of: EachOf -> DaySet,
    one_of: OneOf -> DaySet,
    month: Month -> i8,
    number: Number -> u32,
    halves: Halves -> u32,
    ordinal: Ordinal -> i32,
    unit: Unit -> Unit,
    minutes: Minutes -> u32,
    day: Day -> i32,
    part: Part -> DayPart,
    today: Today -> DayPart,
}

impl Meaning {
    /// A day of the week in a place where nothing else can be meant.
    pub(super) const fn weekday(self) -> Option<Weekday> {
        match self.full_weekday() {
            Some(day) => Some(day),
            None => self.short_weekday(),
        }
    }

    /// Hour and minute of a named time.
    pub(super) const fn named_clock(self) -> Option<(i8, i8)> {
        if let Self::Clock(hour, minute) = self {
            Some((hour, minute))
        } else {
            None
        }
    }

    /// Month and day of a day with a name.
    pub(super) const fn feast(self) -> Option<(i8, i8)> {
        if let Self::Feast(month, day) = self {
            Some((month, day))
        } else {
            None
        }
    }

    /// A weekday and a part of it.
    pub(super) const fn weekday_part(self) -> Option<(Weekday, DayPart)> {
        if let Self::WeekdayPart(day, part) = self {
            Some((day, part))
        } else {
            None
        }
    }

    /// Frequency and interval in one word.
    pub(super) const fn often(self) -> Option<(Frequency, u32)> {
        if let Self::Often(frequency, interval) = self {
            Some((frequency, interval))
        } else {
            None
        }
    }
}
