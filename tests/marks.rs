//! Any name is data, in every build: also names that serde_json takes for marks of its own if a crate of the build turns
//! on `raw_value` or `arbitrary_precision`. `.ci/jobs/features` runs this in such builds too.

use std::collections::BTreeMap;

use std::time::Duration;

use cretula::{Data, ErrorCode as _, Key, Keyring, Sealer, SessionSealer, Site, UnixTime, Wrote, hazmat::At as _};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

fn secs(seconds: u32) -> Duration {
    Duration::from_secs(seconds.into())
}

const NUMBER: &str = "$serde_json::private::Number";
const RAW: &str = "$serde_json::private::RawValue";

struct Shop<T> {
    tokens: Sealer,
    sessions: SessionSealer<T>,
}

fn now() -> UnixTime {
    UnixTime::new(1_790_000_000).unwrap()
}

impl<T: Default + Serialize + DeserializeOwned> Shop<T> {
    fn new() -> Self {
        let ring = Keyring::from(Key::generate().unwrap());
        Self {
            tokens: Site::new(ring.clone(), "shop.example").unwrap().sealer("session").build().unwrap(),
            sessions: Site::new(ring.clone(), "shop.example").unwrap().sessions().without_cookies().build().unwrap(),
        }
    }

    /// Seals a session with the text of other members.
    fn token(&self, members: &str) -> String {
        let payload =
            format!(r#"{{"sid":"AAECAwQFBgcICQoLDA0ODw","start":1790000000,"end":1790086400,"rev":1,{members}}}"#);
        self.tokens.at(now()).seal(payload, secs(1800)).unwrap()
    }

    /// Writes the session again as a page that only reads does, and then as one that changes it.
    fn written(&self, token: &str, change: impl FnOnce(&mut T)) -> Vec<String> {
        let mut change = Some(change);
        [false, true]
            .map(|changes| {
                let mut session = self.sessions.at(now()).open(Some(token.as_bytes())).unchecked().unwrap();
                assert_eq!(session.reason(), None);
                session.send();
                if changes && let Some(change) = change.take() {
                    change(session.data_mut());
                }
                let Wrote::Seal { token, .. } = self.sessions.at(now()).commit(session).unwrap().wrote else {
                    panic!()
                };
                String::from_utf8(self.tokens.at(now()).unseal(token).unwrap().payload).unwrap()
            })
            .to_vec()
    }
}

/// Objects with one of the names: alone, first, last, nested, with each kind of value.
fn objects() -> Vec<String> {
    let mut objects = Vec::new();
    for mark in [NUMBER, RAW] {
        for value in [r#""{\"role\":\"admin\"}""#, r#""dark""#, r#""1""#, r#""""#, "1", "null", "[1]", r#"{"a":1}"#] {
            for object in [
                format!(r#"{{"{mark}":{value}}}"#),
                format!(r#"{{"{mark}":{value},"z":1}}"#),
                format!(r#"{{"\u0024serde_json::private::{}":{value}}}"#, &mark[22..]),
                format!(r#"{{"!":1,"{mark}":{value}}}"#),
                format!(r#"{{"a":{{"{mark}":{value}}}}}"#),
                format!(r#"{{"a":[{{"{mark}":{value}}}]}}"#),
            ] {
                objects.push(object);
            }
        }
    }
    objects
}

/// The member `data` or `flash` of a payload, as a text that no feature of serde_json reads otherwise.
#[track_caller]
fn member(payload: &str, name: &str) -> String {
    let (_, rest) = payload.split_once(&format!(r#""{name}":"#)).unwrap();
    rest.strip_suffix('}').unwrap().to_owned()
}

/// The text with names in order and without escapes that need not be: what the library writes.
fn canonical(object: &str) -> String {
    object.replace(r"\u0024", "$")
}

// covers: [SESS-12]
#[test]
fn free_form_data_keeps_every_name() {
    let site = Shop::<Data>::new();
    for object in objects() {
        let token = site.token(&format!(r#""data":{object}"#));
        let [read, changed] = &site.written(&token, |data| drop(data.insert("zz".into(), 1.into())))[..] else {
            panic!()
        };
        assert_eq!(member(read, "data"), canonical(&object));
        let with = canonical(&object).strip_suffix('}').unwrap().to_owned() + r#","zz":1}"#;
        assert_eq!(member(changed, "data"), with);
    }
}

// covers: [SESS-12]
#[test]
fn numbers_are_numbers_in_every_build() {
    let site = Shop::<Data>::new();
    let token = site.token(r#""data":{"a":[0,-7,1.5,1e2,9007199254740991]}"#);
    let session = site.sessions.at(now()).open(Some(token.as_bytes())).unchecked().unwrap();
    assert_eq!(session.data()["a"], json!([0, -7, 1.5, 100, 9_007_199_254_740_991_u64]));
}

#[test]
fn flash_messages_keep_every_name() {
    let site = Shop::<Data>::new();
    for object in objects() {
        let token = site.token(&format!(r#""flash":{{"notice":[{object}]}}"#));
        let [read, _] = &site.written(&token, |_| {})[..] else { panic!() };
        assert_eq!(member(read, "flash"), format!(r#"{{"notice":[{}]}}"#, canonical(&object)));
    }
}

#[derive(Default, Serialize, Deserialize)]
struct Preferences {
    prefs: BTreeMap<String, String>,
}

/// An application that lets users name a preference, and refuses the name `role`.
#[test]
fn a_preference_is_no_structure() {
    let site = Shop::<Preferences>::new();
    for mark in [NUMBER, RAW] {
        let data = json!({ "prefs": { mark: "{\"role\":\"admin\"}" } }).to_string();
        let token = site.token(&format!(r#""data":{data}"#));
        let [read, changed] = &site.written(&token, |data| drop(data.prefs.insert("a".into(), "b".into())))[..] else {
            panic!()
        };
        assert_eq!(member(read, "data"), data);
        let with = format!(r#"{{"prefs":{{"{mark}":"{{\"role\":\"admin\"}}","a":"b"}}}}"#);
        assert_eq!(member(changed, "data"), with);
    }
}

#[derive(Default, Serialize, Deserialize)]
struct Loose {
    any: Value,
}

/// serde_json's own value inside a type of the application's: a name is a name, or the session is refused; never
/// structure.
#[test]
fn a_value_of_another_crate_gets_no_structure() {
    let site = Shop::<Loose>::new();
    for object in objects() {
        let token = site.token(&format!(r#""data":{{"any":{object}}}"#));
        let session = site.sessions.at(now()).open(Some(token.as_bytes())).unchecked().unwrap();
        match session.reason() {
            Some(reason) => assert_eq!(reason.code(), "payload_invalid"),
            None => {
                let [read, changed] = &site.written(&token, |_| {})[..] else { panic!() };
                assert_eq!(member(read, "data"), format!(r#"{{"any":{}}}"#, canonical(&object)));
                assert_eq!(read, changed);
            }
        }
    }
}

// covers: [RING-12] [RING-14]
#[test]
fn a_keyring_has_numbers_and_no_names_of_serde_json() {
    let key = Key::generate().unwrap().to_text();
    let document =
        |time: &str| format!(r#"{{"cretula":"keyring-v1","keys":[{{"key":"{}","seal_from":{time}}}]}}"#, *key);
    for time in ["5", "5.0", "5e0", "0.5e1"] {
        assert_eq!(Keyring::parse(document(time)).unwrap().entries()[0].seal_from.as_secs(), 5, "{time}");
    }
    for mark in [NUMBER, RAW] {
        let error = Keyring::parse(document(&format!(r#"{{"{mark}":"5"}}"#))).unwrap_err();
        assert_eq!(error.code(), "keyring_format");
    }
    assert_eq!(Keyring::parse(document("1e400")).unwrap_err().code(), "keyring_time");
}

#[derive(Default, Serialize, Deserialize)]
struct Narrow {
    visits: u32,
    #[serde(default)]
    inner: Inner,
}

#[derive(Default, Serialize, Deserialize)]
struct Inner {
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

// covers: [SESS-12]
#[test]
fn members_that_a_type_does_not_know_stay() {
    let site = Shop::<Narrow>::new();
    let data = r#"{"inner":{"mfa":true,"note":"x"},"mfa_required":[1,2],"visits":3}"#;
    let token = site.token(&format!(r#""data":{data}"#));
    let [read, borrowed] = &site.written(&token, |_| {})[..] else { panic!() };
    assert_eq!((member(read, "data"), member(borrowed, "data")), (data.to_owned(), data.to_owned()));
    let changed = site.written(&token, |data| {
        data.visits += 1;
        data.inner.note = None;
    });
    assert_eq!(member(&changed[1], "data"), r#"{"inner":{"mfa":true},"mfa_required":[1,2],"visits":4}"#);
}

#[derive(Default, Serialize, Deserialize)]
struct Baskets {
    items: Vec<Item>,
}

#[derive(Serialize, Deserialize)]
struct Item {
    id: u32,
}

// covers: [SESS-12]
#[test]
fn members_of_items_that_a_type_does_not_know_stay() {
    let site = Shop::<Baskets>::new();
    let token = site.token(r#""data":{"items":[{"id":1,"x":1},{"id":2,"x":2},{"id":3}]}"#);
    let written = |change: fn(&mut Vec<Item>)| {
        let written = site.written(&token, |data| change(&mut data.items));
        member(&written[1], "data").strip_prefix(r#"{"items":"#).unwrap().strip_suffix('}').unwrap().to_owned()
    };
    assert_eq!(written(|items| items.push(Item { id: 4 })), r#"[{"id":1,"x":1},{"id":2,"x":2},{"id":3},{"id":4}]"#);
    assert_eq!(written(|items| items.reverse()), r#"[{"id":3},{"id":2,"x":2},{"id":1,"x":1}]"#);
    assert_eq!(
        written(|items| {
            items.remove(0);
        }),
        r#"[{"id":2,"x":2},{"id":3}]"#
    );
    assert_eq!(written(|items| items[1].id = 9), r#"[{"id":1,"x":1},{"id":9,"x":2},{"id":3}]"#);
    assert_eq!(
        written(|items| items.insert(0, Item { id: 7 })),
        r#"[{"id":7},{"id":1,"x":1},{"id":2,"x":2},{"id":3}]"#
    );
    // Whose is the x?
    let mut session = site.sessions.at(now()).open(Some(token.as_bytes())).unchecked().unwrap();
    session.data_mut().items.remove(0);
    session.data_mut().items[0].id = 9;
    assert_eq!(site.sessions.at(now()).commit(session).unwrap_err().code(), "payload_unserializable");
}

// covers: [SESS-11]
#[test]
fn equal_values_are_no_change() {
    let site = Shop::<Data>::new();
    let token = site.token(r#""data":{"a":1,"b":2.0,"c":-0}"#);
    for (value, writes) in [(json!(2), false), (json!(2.0), false), (json!(2.5), true)] {
        let mut session = site.sessions.at(now()).open(Some(token.as_bytes())).unchecked().unwrap();
        let data = session.data_mut();
        data.remove("a");
        data.insert("b".into(), value);
        data.insert("a".into(), 1.into());
        data.insert("c".into(), 0.into());
        let wrote = site.sessions.at(now()).commit(session).unwrap().wrote;
        assert_eq!(matches!(wrote, Wrote::Seal { .. }), writes);
    }
}
