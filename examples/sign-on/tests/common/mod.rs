//! The real server as a process, and browsers that are no more than a jar of cookies.
#![allow(dead_code, reason = "each test uses some of it")]

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use ureq::{
    Agent,
    http::{HeaderMap, Response},
    tls::{Certificate, RootCerts, TlsConfig},
};

pub const PASSWORD: &str = "correct horse battery";

pub struct Server {
    child: Child,
    pub base: String,
    pub data: PathBuf,
    settings: Vec<(String, String)>,
    log: Arc<Mutex<Vec<String>>>,
    certificate: Option<Vec<u8>>,
}

impl Server {
    /// On plain http, in the development profile.
    pub fn start(settings: &[(&str, &str)]) -> Self {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self::launch(folder(), settings.iter().map(own).collect(), None)
    }

    /// On https, in the production profile, with a certificate made for the occasion.
    pub fn start_https() -> Self {
        let data = folder();
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
        let (certificate, key) = (data.join("certificate.pem"), data.join("key.pem"));
        fs::write(&certificate, made.cert.pem()).expect("written");
        fs::write(&key, made.signing_key.serialize_pem()).expect("written");
        let text = |path: PathBuf| path.to_str().expect("a path in UTF-8").to_owned();
        let settings = [("PROFILE", "production".into()), ("TLS_CERT", text(certificate)), ("TLS_KEY", text(key))];
        let settings = settings.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self::launch(data, settings, Some(made.cert.der().to_vec()))
    }

    fn launch(data: PathBuf, settings: Vec<(String, String)>, certificate: Option<Vec<u8>>) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sign-on"));
        command.env_clear().env("PORT", "0").env("DATA", &data).envs(settings.clone());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the server starts");

        let log = Arc::new(Mutex::new(Vec::new()));
        let (lines, written) = (BufReader::new(child.stderr.take().expect("piped")).lines(), Arc::clone(&log));
        thread::spawn(move || lines.map_while(Result::ok).for_each(|line| written.lock().expect("whole").push(line)));
        let (sender, receiver) = mpsc::channel();
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        thread::spawn(move || sender.send(lines.next()));
        let line = receiver.recv_timeout(Duration::from_secs(20)).ok().flatten();
        let line = line.and_then(Result::ok).unwrap_or_else(|| panic!("no address: {:?}", log.lock()));
        let base = line.strip_prefix("listening on ").expect("an address").to_owned();
        Self { child, base, data, settings, log, certificate }
    }

    /// Kills it without a word of warning, and starts it again on another port.
    pub fn crash_and_restart(mut self) -> Self {
        self.stop();
        let settings = std::mem::take(&mut self.settings);
        Self::launch(std::mem::take(&mut self.data), settings, self.certificate.take())
    }

    pub fn browser(&self) -> Browser {
        let mut tls = TlsConfig::builder();
        if let Some(certificate) = &self.certificate {
            let root = Certificate::from_der(certificate).to_owned();
            tls = tls.root_certs(RootCerts::new_with_certs(&[root]));
        }
        let config = Agent::config_builder().http_status_as_error(false).max_redirects(0).user_agent("test browser");
        Browser {
            agent: config.max_redirects_will_error(false).tls_config(tls.build()).build().into(),
            base: self.base.clone(),
            jar: BTreeMap::new(),
        }
    }

    /// A browser with a new user.
    pub fn registered(&self, email: &str) -> Browser {
        let mut browser = self.browser();
        let page = browser.post("/register", &[("email", email), ("name", "Ada"), ("password", PASSWORD)]);
        assert_eq!((page.status, page.location.as_str()), (303, "/account"));
        assert_eq!(browser.get("/account").status, 200);
        browser
    }

    pub fn signed_on(&self, email: &str) -> Browser {
        let mut browser = self.browser();
        assert_eq!(browser.sign_on(email, PASSWORD).status, 303);
        assert_eq!(browser.get("/account").status, 200);
        browser
    }

    pub fn log(&self) -> Vec<String> {
        self.log.lock().expect("whole").clone()
    }

    /// Waits for a line of the log.
    pub fn expect_log(&self, part: &str) {
        let start = Instant::now();
        while !self.log().iter().any(|line| line.contains(part)) {
            assert!(start.elapsed() < Duration::from_secs(10), "no {part:?} in {:#?}", self.log());
            thread::sleep(Duration::from_millis(50));
        }
    }

    fn stop(&mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("gone");
        let log = self.log();
        assert!(!log.iter().any(|line| line.contains("CrE1")), "a token in the log: {log:#?}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.data.as_os_str().is_empty() {
            return; // restarted
        }
        if thread::panicking() {
            eprintln!("log of the server: {:#?}", self.log());
            let _ = self.child.kill();
        } else {
            self.stop();
        }
        let _ = fs::remove_dir_all(&self.data);
    }
}

#[derive(Clone)]
pub struct Browser {
    agent: Agent,
    pub base: String,
    pub jar: BTreeMap<String, String>,
}

pub struct Page {
    pub status: u16,
    pub location: String,
    pub headers: HeaderMap,
    pub body: String,
}

impl Browser {
    pub fn get(&mut self, path: &str) -> Page {
        let request = self.agent.get(format!("{}{path}", self.base)).header("cookie", self.field());
        let response = request.call().expect("a response");
        self.page(response)
    }

    pub fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let origin = self.base.clone();
        self.post_with(path, fields, &[("origin", &origin)])
    }

    pub fn post_with(&mut self, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Page {
        let mut request = self.agent.post(format!("{}{path}", self.base)).header("cookie", self.field());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send_form(fields.iter().copied()).expect("a response");
        self.page(response)
    }

    pub fn sign_on(&mut self, email: &str, password: &str) -> Page {
        self.post("/sign-on", &[("email", email), ("password", password)])
    }

    /// A member of the session, as the page about the cookie shows it.
    pub fn member(&mut self, name: &str) -> String {
        self.get("/cookie").text(&format!("member-{name}"))
    }

    /// Why there is no session.
    pub fn reason(&mut self) -> String {
        self.get("/cookie").text("reason")
    }

    pub fn field(&self) -> String {
        let pairs: Vec<_> = self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    fn page(&mut self, mut response: Response<ureq::Body>) -> Page {
        for line in response.headers().get_all("set-cookie") {
            let line = line.to_str().expect("text");
            let (name, value) = line.split(';').next().and_then(|pair| pair.split_once('=')).expect("a pair");
            if line.contains("; Max-Age=0;") {
                self.jar.remove(name);
            } else {
                self.jar.insert(name.into(), value.into());
            }
        }
        let location = response.headers().get("location").map_or("", |value| value.to_str().expect("text")).to_owned();
        let body = response.body_mut().read_to_string().expect("text");
        Page { status: response.status().as_u16(), location, headers: response.headers().clone(), body }
    }
}

impl Page {
    /// The text that follows the opening tag with this test id.
    pub fn text(&self, id: &str) -> String {
        let found = self.find(id).unwrap_or_else(|| panic!("no {id} in {} {}", self.status, self.body));
        let text = found.split_once('>').map_or("", |(_, text)| text);
        text.split('<').next().unwrap_or_default().trim().replace("&quot;", "\"")
    }

    pub fn has(&self, id: &str) -> bool {
        self.find(id).is_some()
    }

    pub fn count(&self, id: &str) -> usize {
        self.body.matches(&format!("data-testid=\"{id}\"")).count()
    }

    pub fn set_cookies(&self) -> Vec<String> {
        self.headers.get_all("set-cookie").iter().map(|line| line.to_str().expect("text").to_owned()).collect()
    }

    /// Values of an attribute, in order.
    pub fn attributes(&self, name: &str) -> Vec<String> {
        let start = format!("{name}=\"");
        let pieces = self.body.split(&start).skip(1);
        pieces.map(|piece| piece.split('"').next().unwrap_or_default().to_owned()).collect()
    }

    fn find(&self, id: &str) -> Option<&str> {
        self.body.split_once(&format!("data-testid=\"{id}\"")).map(|(_, rest)| rest)
    }
}

fn folder() -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!("sign-on-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let path = std::env::temp_dir().join(name);
    fs::create_dir_all(&path).expect("made");
    path
}
