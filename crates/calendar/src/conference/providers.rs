//! The services we know: by host and the paths that lead into a meeting.

use super::links::Link;

/// Whose meeting it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each is a name")]
pub enum Provider {
    Zoom,
    GoogleMeet,
    Teams,
    Webex,
    Jitsi,
    Whereby,
    BigBlueButton,
    Skype,
    GoTo,
    FaceTime,
    Discord,
    Slack,
    NextcloudTalk,
    Signal,
    WhatsApp,
    Telegram,
    Chime,
    BlueJeans,
    RingCentral,
    Zoho,
    Lark,
    Tencent,
    DingTalk,
    Yandex,
    Vk,
    Daily,
    Dialpad,
    Vonage,
    Pexip,
    Element,
    Proton,
    Infomaniak,
    Livestorm,
    StreamYard,
    Riverside,
    Doxy,
    Gather,
    Tuple,
    OpenTalk,
    /// Another, put down as the place to join.
    Other,
}

impl Provider {
    /// What people call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Zoom => "Zoom",
            Self::GoogleMeet => "Google Meet",
            Self::Teams => "Microsoft Teams",
            Self::Webex => "Webex",
            Self::Jitsi => "Jitsi",
            Self::Whereby => "Whereby",
            Self::BigBlueButton => "BigBlueButton",
            Self::Skype => "Skype",
            Self::GoTo => "GoTo Meeting",
            Self::FaceTime => "FaceTime",
            Self::Discord => "Discord",
            Self::Slack => "Slack",
            Self::NextcloudTalk => "Nextcloud Talk",
            Self::Signal => "Signal",
            Self::WhatsApp => "WhatsApp",
            Self::Telegram => "Telegram",
            Self::Chime => "Amazon Chime",
            Self::BlueJeans => "BlueJeans",
            Self::RingCentral => "RingCentral",
            Self::Zoho => "Zoho Meeting",
            Self::Lark => "Lark",
            Self::Tencent => "Tencent Meeting",
            Self::DingTalk => "DingTalk",
            Self::Yandex => "Yandex Telemost",
            Self::Vk => "VK Calls",
            Self::Daily => "Daily",
            Self::Dialpad => "Dialpad",
            Self::Vonage => "Vonage",
            Self::Pexip => "Pexip",
            Self::Element => "Element Call",
            Self::Proton => "Proton Meet",
            Self::Infomaniak => "kMeet",
            Self::Livestorm => "Livestorm",
            Self::StreamYard => "StreamYard",
            Self::Riverside => "Riverside",
            Self::Doxy => "Doxy.me",
            Self::Gather => "Gather",
            Self::Tuple => "Tuple",
            Self::OpenTalk => "OpenTalk",
            Self::Other => "Online",
        }
    }
}

/// Host (or anything below it), and starts of paths that lead into a meeting. `/*` is any path
/// with something after the slash.
const KNOWN: &[(Provider, &str, &[&str])] = &[
    (Provider::Zoom, "zoom.us", ZOOM),
    (Provider::Zoom, "zoom.com", ZOOM),
    (Provider::Zoom, "zoom.com.cn", ZOOM),
    (Provider::Zoom, "zoomgov.com", ZOOM),
    (Provider::GoogleMeet, "meet.google.com", &["/*"]),
    (
        Provider::GoogleMeet,
        "hangouts.google.com",
        &["/hangouts/_/", "/call/"],
    ),
    (Provider::Teams, "teams.microsoft.com", TEAMS),
    (Provider::Teams, "teams.microsoft.us", TEAMS),
    (Provider::Teams, "teams.cloud.microsoft", TEAMS),
    (
        Provider::Teams,
        "teams.live.com",
        &["/meet/", "/l/meetup-join/"],
    ),
    (Provider::Whereby, "whereby.com", &["/*"]),
    (Provider::Jitsi, "meet.jit.si", &["/*"]),
    (Provider::Jitsi, "8x8.vc", &["/*"]),
    (Provider::Jitsi, "meet.ffmuc.net", &["/*"]),
    (Provider::Jitsi, "fairmeeting.net", &["/*"]),
    (Provider::Jitsi, "jitsi.riot.im", &["/*"]),
    (Provider::Skype, "join.skype.com", &["/*"]),
    (Provider::Skype, "meet.lync.com", &["/*"]),
    (Provider::GoTo, "meet.goto.com", &["/*"]),
    (Provider::GoTo, "gotomeet.me", &["/*"]),
    (Provider::GoTo, "gotomeeting.com", &["/join/", "/meet/"]),
    (Provider::GoTo, "gotowebinar.com", &["/join/", "/register/"]),
    (Provider::FaceTime, "facetime.apple.com", &["/join"]),
    (Provider::Discord, "discord.gg", &["/*"]),
    (
        Provider::Discord,
        "discord.com",
        &["/channels/", "/events/", "/invite/"],
    ),
    (Provider::Slack, "app.slack.com", &["/huddle/"]),
    (Provider::Signal, "signal.link", &["/call/"]),
    (
        Provider::WhatsApp,
        "call.whatsapp.com",
        &["/voice/", "/video/"],
    ),
    (Provider::Telegram, "t.me", &["/call/", "/joincall/"]),
    (Provider::Chime, "chime.aws", &["/*"]),
    (Provider::BlueJeans, "bluejeans.com", &["/*"]),
    (Provider::RingCentral, "v.ringcentral.com", &["/join/"]),
    (
        Provider::RingCentral,
        "meetings.ringcentral.com",
        &["/j/", "/join/"],
    ),
    (Provider::RingCentral, "video.ringcentral.com", &["/join/"]),
    (Provider::Zoho, "meet.zoho.com", &["/*"]),
    (Provider::Zoho, "meet.zoho.eu", &["/*"]),
    (Provider::Zoho, "meeting.zoho.com", &["/meeting/", "/join"]),
    (Provider::Zoho, "meeting.zoho.eu", &["/meeting/", "/join"]),
    (Provider::Lark, "vc.larksuite.com", &["/j/"]),
    (Provider::Lark, "vc.feishu.cn", &["/j/"]),
    (Provider::Tencent, "meeting.tencent.com", &["/dm/", "/p/"]),
    (Provider::Tencent, "voovmeeting.com", &["/dm/", "/p/"]),
    (Provider::DingTalk, "meeting.dingtalk.com", &["/j/"]),
    (Provider::Yandex, "telemost.yandex.ru", &["/j/"]),
    (Provider::Yandex, "telemost.yandex.com", &["/j/"]),
    (Provider::Vk, "vk.com", &["/call/join/"]),
    (Provider::Daily, "daily.co", &["/*"]),
    (Provider::Dialpad, "meetings.dialpad.com", &["/*"]),
    (Provider::Vonage, "meetings.vonage.com", &["/*"]),
    (Provider::Pexip, "pexip.me", &["/meet/"]),
    (Provider::Element, "call.element.io", &["/*"]),
    (Provider::Proton, "meet.proton.me", &["/*"]),
    (Provider::Infomaniak, "kmeet.infomaniak.com", &["/*"]),
    (Provider::Livestorm, "app.livestorm.co", &["/p/"]),
    (Provider::StreamYard, "streamyard.com", &["/watch/", "/*"]),
    (Provider::Riverside, "riverside.fm", &["/studio/"]),
    (Provider::Doxy, "doxy.me", &["/*"]),
    (Provider::Gather, "app.gather.town", &["/app/"]),
    (Provider::Gather, "app.v2.gather.town", &["/app/"]),
    (Provider::Tuple, "tuple.app", &["/c/"]),
    (Provider::OpenTalk, "meet.opentalk.eu", &["/*"]),
    (Provider::BigBlueButton, "senfcall.de", &["/*"]),
];

/// Meetings, personal rooms, webinars, the web client.
const ZOOM: &[&str] = &[
    "/j/",
    "/my/",
    "/w/",
    "/s/",
    "/wc/",
    "/meeting/register/",
    "/webinar/register/",
    "/launch/",
];
/// Links of work accounts, the long kind and the short one; channel meetings begin as the former.
const TEAMS: &[&str] = &["/l/meetup-join/", "/meet/", "/l/meeting/"];
/// First words of a host that serve pages about a service, not meetings.
const PAGES: &[&str] = &[
    "www",
    "help",
    "support",
    "blog",
    "docs",
    "status",
    "about",
    "tel",
    "developer",
];
/// Pages on the very host that serves rooms.
const PATHS_NO_ROOM: &[&str] = &[
    "/about",
    "/blog",
    "/contact",
    "/download",
    "/downloads",
    "/features",
    "/help",
    "/information",
    "/login",
    "/pricing",
    "/privacy",
    "/product",
    "/settings",
    "/signin",
    "/signup",
    "/static",
    "/support",
    "/terms",
    "/user",
    "/new",
    "/whoops",
];

/// Whose meeting a link leads into by its host, which is theirs.
pub(super) fn by_host(link: &Link) -> Option<Provider> {
    let path = link.path();
    let known = KNOWN.iter().filter(|(_, host, _)| link.is_at(host));
    for (provider, host, paths) in known {
        let is_exact = link.host == *host;
        if paths.iter().any(|start| leads(path, start, is_exact, link)) {
            return Some(*provider);
        }
    }
    webex(link)
}

fn leads(path: &str, start: &str, is_exact: bool, link: &Link) -> bool {
    if start != "/*" {
        let is_more = link.after_host().len() > start.len() || !start.ends_with('/');
        return path.starts_with(start) && is_more;
    }
    let first = link.host.split('.').next().unwrap_or_default();
    let is_page = !is_exact && PAGES.contains(&first);
    let first_part = path
        .get(1..)
        .and_then(|rest| rest.split('/').next())
        .unwrap_or_default();
    let names_none = PATHS_NO_ROOM
        .iter()
        .any(|one| one.strip_prefix('/') == Some(first_part));
    !is_page && !first_part.is_empty() && !names_none
}

/// Webex gives every company a host below its own; the paths are many.
fn webex(link: &Link) -> Option<Provider> {
    let starts = [
        "/meet/",
        "/join/",
        "/m/",
        "/wbxmjs/joinservice",
        "/webappng/",
        "/weblink/",
        "/w3webinar/",
    ];
    let path = link.path();
    let is_meeting = starts.iter().any(|start| path.contains(start))
        || path.ends_with("/j.php")
        || link.query("MTID").is_some();
    let first = link.host.split('.').next().unwrap_or_default();
    (link.is_at("webex.com") && is_meeting && !PAGES.contains(&first)).then_some(Provider::Webex)
}

/// What people run on hosts of their own, by the shape of its links. Anybody can have a host with
/// links of that shape, so the host says more than the service does.
pub(super) fn by_shape(link: &Link) -> Option<Provider> {
    let path = link.path();
    let mut labels = link.host.split('.');
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let is_jitsi = labels
        .clone()
        .any(|label| label.starts_with("jitsi") || label.ends_with("jitsi"))
        || (labels.next() == Some("meet") && link.query("jwt").is_some());
    if is_jitsi && parts.len() == 1 && !PATHS_NO_ROOM.contains(&path) {
        return Some(Provider::Jitsi);
    }
    big_blue_button(link, &parts).or_else(|| nextcloud(link, &parts))
}

/// BigBlueButton itself, and Greenlight before it: `/rooms/abc-def-ghi-jkl/join`, `/b/abc-def-ghi`.
fn big_blue_button(link: &Link, parts: &[&str]) -> Option<Provider> {
    let is_api = matches!(parts, ["bigbluebutton", "api", "join", ..])
        || matches!(parts, ["html5client", "join", ..]);
    let is_room = |room: &str| {
        let groups: Vec<&str> = room.split('-').collect();
        (3..=4).contains(&groups.len())
            && groups.iter().all(|group| {
                (2..=4).contains(&group.len())
                    && group.bytes().all(|byte| byte.is_ascii_alphanumeric())
            })
    };
    let is_greenlight = match parts {
        ["rooms", room, "join"] | ["rooms", room] | ["b" | "gl", room] => is_room(room),
        _ => false,
    };
    let says_so = link.host.contains("bbb") || link.host.contains("bigbluebutton");
    let is_join = says_so && matches!(parts, ["b" | "gl" | "rooms" | "join", ..]);
    (is_api || is_greenlight || is_join).then_some(Provider::BigBlueButton)
}

/// Nextcloud Talk: `/call/` and a token, below `index.php` or on a host that says what it is.
fn nextcloud(link: &Link, parts: &[&str]) -> Option<Provider> {
    let token = match parts {
        [.., "index.php", "call", token] => token,
        ["call", token] => {
            let mut labels = link.host.split('.');
            let is_cloud = |label: &str| label.contains("cloud") || matches!(label, "talk" | "nc");
            if !labels.any(is_cloud) {
                return None;
            }
            token
        }
        _ => return None,
    };
    let is_token =
        (4..=32).contains(&token.len()) && token.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_token.then_some(Provider::NextcloudTalk)
}
