//! The checks of the look must find faults, or their silence about the window means nothing.

use crate::look;
use crate::programs;
use crate::session::Desktop;
use crate::webdriver::{Point, Window};

/// A page with one fault of each kind, and one of each done well.
const FAULTY_PAGE: &str = "data:text/html;charset=utf-8,<!doctype html><style>\
    :root{--ink:rgb(20 20 20);--paper:rgb(255 255 255)} body{color:var(--ink);background:var(--paper)}\
    input{color:inherit;border:0;background:inherit} .faint{color:rgb(160 160 160)}\
    .cut{width:40px;overflow:hidden;white-space:nowrap} .ends{text-overflow:ellipsis}\
    </style><h1>Fine</h1><p class=faint>Hardly readable</p><p class=cut>Cut off in the middle</p>\
    <p class='cut ends'>Ends with dots</p><input aria-label=Title><output></output>\
    <script>addEventListener('pointermove',e=>{if(e.buttons)document.querySelector('output').textContent=\
    e.clientX+','+e.clientY})</script>";

#[test]
fn the_checks_find_the_faults_of_a_page_made_for_it() {
    let desktop = Desktop::start();
    let window = Window::open(&desktop, &programs::plain_browser(), &["--automation"]);
    window.go_to(FAULTY_PAGE);

    assert_eq!(window.text(&window.find("h1")), "Fine");
    assert_eq!(look::faint_texts(&window), ["“Hardly readable” 2.61:1"]);
    assert_eq!(look::clipped_texts(&window), ["“Cut off in the middle”"]);
    assert_eq!(
        look::foreign_colours(&window),
        ["p.faint color rgb(160, 160, 160)"]
    );

    window.click(&window.find_named("input", "Title"));
    window.press("Lunch");
    let typed = window.script("return document.querySelector('input').value", &[]);
    assert_eq!(typed, "Lunch");

    window.drag(Point { x: 300.0, y: 300.0 }, Point { x: 420.0, y: 360.0 });
    assert_eq!(window.text(&window.find("output")), "420,360");
}
