//! The scenario of all examples, against this one.

#[allow(dead_code, reason = "`main` is not called here")]
#[path = "../src/main.rs"]
mod server;

use std::{sync::mpsc, thread};

use example_support::{App, Octets, scenario};
use rocket::fairing::AdHoc;

#[test]
fn the_scenario_holds() {
    let app = App::new().unwrap();
    let shop = app.clone();
    let (ports, port) = mpsc::channel();
    let tell = AdHoc::on_liftoff("port", |rocket| {
        let port = rocket.config().port;
        Box::pin(async move { ports.send(port).unwrap() })
    });
    thread::spawn(move || rocket::execute(server::server(0, shop).attach(tell).launch()).is_ok());
    let address = ([127, 0, 0, 1], port.recv().unwrap()).into();
    scenario(address, &app, Octets::Utf8);
}
