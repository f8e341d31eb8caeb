//! What the examples share: the little shop that each of them serves, and the scenario that tests it.
#![forbid(unsafe_code)]

mod scenario;
mod shop;

pub use scenario::{Octets, scenario};
pub use shop::{App, HELP, Handle, Session, Shop};

/// Why an example does not start.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// The port to bind: `PORT`, or 8080. 0 lets the system choose.
pub fn port() -> Result<u16, Error> {
    Ok(std::env::var("PORT").map_or(Ok(8080), |port| port.parse())?)
}

/// Binds 127.0.0.1 and says where.
pub fn listen(port: u16) -> Result<std::net::TcpListener, Error> {
    let listener = std::net::TcpListener::bind(("127.0.0.1", port))?;
    listener.set_nonblocking(true)?;
    println!("http://{}", listener.local_addr()?);
    Ok(listener)
}
