//! Links that join, and links that only look so.

use super::*;
use crate::event::Event;
use crate::when::When;

fn check(text: &str, expected: Option<(Provider, &str)>) {
    let found = link_in_text(text);
    let found = found.as_ref().map(|one| (one.provider, one.url.as_str()));
    assert_eq!(found, expected, "{text}");
}

fn joins(url: &str, provider: Provider) {
    check(&format!("Join here: {url}."), Some((provider, url)));
}

#[test]
fn services_are_known_by_their_links() {
    for (url, provider) in [
        ("https://zoom.us/j/91234567890?pwd=abcDEF_1", Provider::Zoom),
        ("https://us02web.zoom.us/j/91234567890", Provider::Zoom),
        ("https://example.zoom.us/my/ana", Provider::Zoom),
        ("https://example.zoomgov.com/j/1601234567", Provider::Zoom),
        ("https://meet.google.com/abc-defg-hij", Provider::GoogleMeet),
        (
            "https://meet.google.com/lookup/abcdefg",
            Provider::GoogleMeet,
        ),
        (
            "https://teams.microsoft.com/l/meetup-join/19%3ameeting_Zm9v%40thread.v2/0?context=%7b%22Tid%22%3a%221%22%7d",
            Provider::Teams,
        ),
        (
            "https://teams.microsoft.com/meet/2345678901234?p=abc",
            Provider::Teams,
        ),
        ("https://teams.live.com/meet/9345678901234", Provider::Teams),
        ("https://example.webex.com/meet/ana", Provider::Webex),
        (
            "https://example.webex.com/example/j.php?MTID=m0123",
            Provider::Webex,
        ),
        (
            "https://example.my.webex.com/webappng/sites/example/meeting/info/1",
            Provider::Webex,
        ),
        ("https://meet.jit.si/OurRoom", Provider::Jitsi),
        ("https://meet.jit.si/Büro", Provider::Jitsi),
    ] {
        joins(url, provider);
    }
}

#[test]
fn rooms_on_hosts_of_their_own_and_calls_are_known_too() {
    for (url, provider) in [
        (
            "https://jitsi.example.org/OurRoom#config.startWithAudioMuted=true",
            Provider::Jitsi,
        ),
        ("https://whereby.com/our-room", Provider::Whereby),
        ("https://example.whereby.com/our-room", Provider::Whereby),
        (
            "https://bbb.example.edu/b/ana-abc-def",
            Provider::BigBlueButton,
        ),
        (
            "https://video.example.edu/rooms/abc-def-ghi-jkl/join",
            Provider::BigBlueButton,
        ),
        ("https://join.skype.com/AbCdEf", Provider::Skype),
        (
            "https://global.gotomeeting.com/join/123456789",
            Provider::GoTo,
        ),
        ("https://meet.goto.com/123456789", Provider::GoTo),
        (
            "https://facetime.apple.com/join#v=1&p=abc&k=def",
            Provider::FaceTime,
        ),
        ("https://discord.com/channels/1234/5678", Provider::Discord),
        ("https://app.slack.com/huddle/T0123/C0123", Provider::Slack),
        (
            "https://cloud.example.org/call/ab3de5gh",
            Provider::NextcloudTalk,
        ),
        (
            "https://example.org/nextcloud/index.php/call/ab3de5gh",
            Provider::NextcloudTalk,
        ),
        ("https://signal.link/call/#key=bcdf-ghjk", Provider::Signal),
        ("https://call.whatsapp.com/video/abcDEF", Provider::WhatsApp),
        ("https://chime.aws/1234567890", Provider::Chime),
        (
            "https://v.ringcentral.com/join/123456789",
            Provider::RingCentral,
        ),
        ("https://zoom.us:443/j/1", Provider::Zoom),
    ] {
        joins(url, provider);
    }
}

#[test]
fn what_only_looks_like_a_service_is_none() {
    for text in [
        "https://zoom.us.evil.example/j/1",
        "https://evilzoom.us/j/1",
        "https://zoom.us@evil.example/j/1",
        "https://evil.example\\.zoom.us/j/1",
        "https://evil.example/zoom.us/j/1",
        "https://evil.example/?u=https%3A%2F%2Fzoom.us%2Fj%2F1",
        "https://zoоm.us/j/1",
        "https://zoom.us%2eevil.example/j/1",
        "http://zoom.us/j/1",
        "zoommtg://zoom.us/join?confno=1",
        "javascript://zoom.us/j/1",
        "https://zoom.us/u/abc",
        "https://support.zoom.us/hc/en-us",
        "https://support.zoom.us/",
        "https://teams.microsoft.com/meetingOptions/?organizerId=1",
        "https://meet.google.com/",
        "https://whereby.com/information/pricing",
        "https://help.webex.com/meet/ana",
        "https://example.com/b/ana",
        "https://example.com/call/ab3de5gh",
        "https://bbb.example.edu/playback/presentation/2.3/abc",
        "https://",
        "https://.",
        "://",
    ] {
        check(text, None);
    }
}

#[test]
fn links_are_freed_from_what_is_around_them() {
    let zoom = |url| Some((Provider::Zoom, url));
    check("(https://zoom.us/j/1)", zoom("https://zoom.us/j/1"));
    check(
        "<https://zoom.us/j/1>, or call",
        zoom("https://zoom.us/j/1"),
    );
    check("*https://zoom.us/j/1*!", zoom("https://zoom.us/j/1"));
    check("[join](https://zoom.us/j/1).", zoom("https://zoom.us/j/1"));
    check(
        "<a href=\"https://zoom.us/j/1?a=1&amp;pwd=2\">join</a>",
        zoom("https://zoom.us/j/1?a=1&pwd=2"),
    );
    check(
        "https://zoom.us/j/1&nbsp;Passcode: 1",
        zoom("https://zoom.us/j/1"),
    );
    check("HTTPS://ZOOM.US/j/1", zoom("https://zoom.us/j/1"));
    check(
        "see https://example.com/a then https://zoom.us/j/1",
        zoom("https://zoom.us/j/1"),
    );
    check(
        "https://zoom.us/u/a\nhttps://zoom.us/j/1\nhttps://meet.google.com/abc-defg-hij",
        zoom("https://zoom.us/j/1"),
    );
}

#[test]
fn wrapped_links_are_unwrapped() {
    let zoom = Some((Provider::Zoom, "https://zoom.us/j/1?pwd=2"));
    for text in [
        "https://www.google.com/url?q=https%3A%2F%2Fzoom.us%2Fj%2F1%3Fpwd%3D2&sa=D&usg=abc",
        "https://www.google.com/url?q=https://zoom.us/j/1?pwd%3D2&amp;sa=D",
        "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fzoom.us%2Fj%2F1%3Fpwd%3D2&data=05%7C01&reserved=0",
        "https://urldefense.com/v3/__https://zoom.us/j/1?pwd=2__;!!abc!def$",
        "https://urldefense.com/v3/__https:/zoom.us/j/1?pwd=2__;!!abc!def$",
        "https://urldefense.proofpoint.com/v2/url?u=https-3A__zoom.us_j_1-3Fpwd-3D2&d=DwMF",
        "https://linkprotect.cudasvc.com/url?a=https%3a%2f%2fzoom.us%2fj%2f1%3fpwd%3d2&c=E,1",
        "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fwww.google.com%2Furl%3Fq%3Dhttps%253A%252F%252Fzoom.us%252Fj%252F1%253Fpwd%253D2&data=05",
    ] {
        check(text, zoom);
    }
    check(
        "https://safelinks.protection.outlook.com.evil.example/?url=https%3A%2F%2Fzoom.us%2Fj%2F1",
        None,
    );
}

#[test]
fn what_was_put_down_as_the_place_to_join_comes_first() {
    let when = When::from_people("2026-11-20T10:00", None, None).unwrap();
    let mut event = Event::new("one@example", "One", when);
    let url = |event: &Event| link(event).map(|one| one.url);
    assert_eq!(url(&event), None);
    event.notes = "https://example.com/agenda and https://zoom.us/j/5".into();
    assert_eq!(url(&event).as_deref(), Some("https://zoom.us/j/5"));
    event.place = "Room 4 / https://zoom.us/j/4".into();
    assert_eq!(url(&event).as_deref(), Some("https://zoom.us/j/4"));
    event.url = Some("https://zoom.us/j/3".into());
    assert_eq!(url(&event).as_deref(), Some("https://zoom.us/j/3"));
    event.unknown = vec![
        "X-OTHER:https://zoom.us/j/9".into(),
        "X-MICROSOFT-SKYPETEAMSMEETINGURL:https://teams.live.com/meet/2\\,3".into(),
    ];
    assert_eq!(
        url(&event).as_deref(),
        Some("https://teams.live.com/meet/2,3")
    );
    event.unknown.insert(
        0,
        "CONFERENCE;VALUE=URI;FEATURE=VIDEO:https://video.example/room".into(),
    );
    assert_eq!(url(&event).as_deref(), Some("https://video.example/room"));
    event.conference = Some("https://meet.example.org/ours".into());
    let found = link(&event).unwrap();
    assert_eq!(
        (found.provider, found.name.as_str()),
        (Provider::Other, "meet.example.org")
    );
    event.conference = Some("tel:+1-555-0100".into());
    assert_eq!(url(&event).as_deref(), Some("https://video.example/room"));
}

#[test]
fn only_a_service_on_its_own_host_goes_by_its_name() {
    for (url, name) in [
        ("https://meet.jit.si/OurRoom", "Jitsi"),
        ("https://example.webex.com/meet/ana", "Webex"),
        ("https://jitsi-evil.example/x", "jitsi-evil.example"),
        ("https://Jitsi.example.org/OurRoom", "jitsi.example.org"),
        ("https://evil.example/b/abc-def-ghi", "evil.example"),
        (
            "https://evil.example/index.php/call/ab3de5gh",
            "evil.example",
        ),
    ] {
        let found = link_in_text(url).unwrap();
        assert_eq!(found.name, name, "{url}");
    }
}

#[test]
fn a_link_ends_within_its_limit_or_is_none() {
    let long = format!("https://zoom.us/j/{}", "1".repeat(4_096 - 18));
    check(&long, Some((Provider::Zoom, &long)));
    check(&format!("{long})."), None);
    check(&format!("{long}1"), None);
    let letters = format!("https://zoom.us/j/{}", "ü".repeat(3_000));
    check(&letters, None);
    check(
        &format!("{letters} https://zoom.us/j/1"),
        Some((Provider::Zoom, "https://zoom.us/j/1")),
    );
    check(
        "https://zoom.us/j/1_(2)).])",
        Some((Provider::Zoom, "https://zoom.us/j/1_(2)")),
    );
}

#[test]
fn notes_written_to_keep_us_busy_are_read_at_once() {
    const BYTES: usize = 512 * 1_024;
    let filled = |piece: &str| piece.repeat(BYTES / piece.len());
    let brackets = format!("https://a.bc/{}", ")".repeat(1_000));
    let hosts = format!("https://{}", "a.".repeat(2_000));
    let start = std::time::Instant::now();
    for text in [
        filled("https://"),
        filled("://"),
        filled("https://a.bc/))))"),
        filled("https://a.bc/\\"),
        filled(&brackets),
        filled(&hosts),
        format!("https://a.bc/{}", filled(")")),
        format!("https://a.bc/{}", filled("(]")),
    ] {
        assert_eq!(link_in_text(&text), None);
    }
    // The slowest took a minute for 40 KB; without optimisation all take a fraction of this.
    assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
}
