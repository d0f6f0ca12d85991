//! A profile that was copied runs twice: both copies' edits survive, under two incarnations.

use std::path::Path;

use almanac_scenarios::World;

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[test]
fn both_copies_of_a_profile_keep_their_edits() {
    let world = World::new();
    let relay = world.relay();
    let (ada, copy) = (world.device("ada laptop"), world.device("ada copy"));
    ada.init();
    ada.ok(&["relay", "use", &relay.url(), "--invite", relay.invite()]);
    ada.add("before the copy", "2026-11-20T09:00");
    ada.sync();
    copy_folder(ada.folder(), copy.folder());

    ada.add("on the original", "2026-11-20T10:00");
    copy.add("on the copy", "2026-11-20T11:00");
    for device in [&ada, &copy, &ada, &copy] {
        assert_eq!(device.sync()["outbox"], 0);
    }

    let all = ["before the copy", "on the copy", "on the original"];
    assert_eq!(ada.titles(), all);
    assert_eq!(copy.titles(), all);
}
