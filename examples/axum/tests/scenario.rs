//! The scenario of all examples, against this one.

#[allow(dead_code, reason = "`main` is not called here")]
#[path = "../src/main.rs"]
mod server;

use std::thread;

use example_support::{App, Octets, listen, scenario};

#[test]
fn the_scenario_holds() {
    let app = App::new().unwrap();
    let listener = listen(0).unwrap();
    let address = listener.local_addr().unwrap();
    let shop = app.clone();
    thread::spawn(move || tokio::runtime::Runtime::new().unwrap().block_on(server::serve(listener, shop)));
    scenario(address, &app, Octets::All);
}
