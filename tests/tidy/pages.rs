//! What pages say of the folders beside them.

use std::path::{Path, PathBuf};

use crate::{files, nothing_wrong, packages, read, root, sources};

#[test]
fn pages_link_only_to_what_exists() {
    let mut wrong = Vec::new();
    for (file, text) in sources(&["md"]) {
        let folder = root().join(file.parent().unwrap());
        for link in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            let target = link.split('#').next().unwrap_or_default();
            let is_ours = !target.is_empty() && !target.contains(':');
            if is_ours && !folder.join(target).exists() {
                wrong.push(format!("{}: {link}", file.display()));
            }
        }
    }
    nothing_wrong("links to nothing", &wrong);
}

#[test]
fn the_architecture_page_names_every_package() {
    let page = read(Path::new("ARCHITECTURE.md"));
    let mut wrong = Vec::new();
    for package in packages() {
        let manifest = PathBuf::from(package["manifest_path"].as_str().unwrap());
        let folder = manifest
            .parent()
            .unwrap()
            .strip_prefix(root())
            .unwrap()
            .to_path_buf();
        // The root package is the window, which lives in a folder of another name.
        let folder = if folder.as_os_str().is_empty() {
            PathBuf::from("src-tauri")
        } else {
            folder
        };
        if !page.contains(&format!("`{}/`", folder.display())) {
            wrong.push(folder.display().to_string());
        }
    }
    nothing_wrong("packages that ARCHITECTURE.md does not name", &wrong);
}

#[test]
fn decisions_are_numbered_without_a_gap() {
    let mut numbers: Vec<usize> = Vec::new();
    for file in files()
        .iter()
        .filter(|file| file.starts_with("docs/decisions"))
    {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let number = name.split('-').next().unwrap().parse();
        numbers.push(number.unwrap_or_else(|_| panic!("{name} does not begin with a number")));
    }
    assert_eq!(numbers, (1..=numbers.len()).collect::<Vec<_>>());
    assert!(!numbers.is_empty());
}

#[test]
fn test_files_have_a_provenance() {
    let page = read(Path::new("tests/corpus/README.md"));
    let mut wrong = Vec::new();
    for file in files()
        .iter()
        .filter(|file| file.starts_with("tests/corpus"))
    {
        let inner = file.strip_prefix("tests/corpus").unwrap();
        let first = inner
            .components()
            .next()
            .unwrap()
            .as_os_str()
            .to_string_lossy()
            .into_owned();
        if first != "README.md" && !page.contains(&format!("`{first}")) {
            wrong.push(first);
        }
    }
    wrong.dedup();
    nothing_wrong(
        "test files whose origin tests/corpus/README.md does not tell",
        &wrong,
    );
}
