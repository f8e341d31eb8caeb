//! Starts the server.

use std::{
    net::{Ipv4Addr, TcpListener},
    process::ExitCode,
    sync::Arc,
    thread,
    time::Duration,
};

use axum_server::tls_rustls::RustlsConfig;
use sign_on::{App, config::Config, failure::Failure, router};

#[tokio::main]
async fn main() -> ExitCode {
    match serve().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> Result<(), Failure> {
    let config = Config::from_env()?;
    let app = Arc::new(App::open(config.clone())?);
    let watched = Arc::clone(&app);
    thread::spawn(move || {
        loop {
            thread::sleep(Duration::from_secs(1));
            watched.reread_keys();
        }
    });

    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, config.port))?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let service = router(&app).into_make_service();
    let Some((certificate, key)) = config.tls else {
        println!("listening on http://{address}");
        return Ok(axum_server::from_tcp(listener)?.serve(service).await?);
    };
    rustls::crypto::ring::default_provider().install_default().map_err(|_| "two TLS providers")?;
    let tls = RustlsConfig::from_pem_file(certificate, key).await?;
    println!("listening on https://{address}");
    Ok(axum_server::from_tcp_rustls(listener, tls)?.serve(service).await?)
}
