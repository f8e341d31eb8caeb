//! What the server keeps: a row per user with a session generation, a list of known sessions, a deny-list.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::{Connection, OptionalExtension, params};
use tokio::{sync::Semaphore, task};

use crate::{failure::Failure, password};

/// The user's row, as far as the pages need it.
#[derive(Clone, Debug)]
pub struct Person {
    pub id: i64,
    pub email: String,
    pub name: String,
}

/// The answer to the one query per request.
pub struct Answer {
    pub person: Option<Person>,
    pub generation: Option<u64>,
    pub denied: bool,
    pub known: bool,
}

/// A session that was seen. The server could do without this table; the page "your sessions" could not.
pub struct Known {
    pub id: i64,
    pub sid: String,
    pub first_seen: u64,
    pub agent: String,
}

const SCHEMA: &str = "
    PRAGMA journal_mode = WAL;
    -- AUTOINCREMENT: a number is never given to another user. The generation starts at random and is never set back.
    CREATE TABLE IF NOT EXISTS users (
        id INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT NOT NULL UNIQUE COLLATE NOCASE, name TEXT NOT NULL,
        password TEXT NOT NULL, generation INTEGER NOT NULL DEFAULT (random() & 0xFFFFFFFFFFFF)) STRICT;
    CREATE TABLE IF NOT EXISTS known (
        id INTEGER PRIMARY KEY, sid TEXT NOT NULL UNIQUE, user INTEGER NOT NULL REFERENCES users (id),
        first_seen INTEGER NOT NULL, agent TEXT NOT NULL, until INTEGER NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS denied (sid TEXT PRIMARY KEY, until INTEGER NOT NULL) STRICT;
";

const CHECK: &str = "
    SELECT u.id, u.email, u.name, u.generation,
           EXISTS (SELECT 1 FROM denied WHERE sid = ?1), EXISTS (SELECT 1 FROM known WHERE sid = ?1)
    FROM (SELECT 1) LEFT JOIN users u ON u.id = ?2";

#[derive(Clone)]
pub struct Users {
    connection: Arc<Mutex<Connection>>,
    /// A hash takes 19 MiB: not more than a few at a time.
    hashing: Arc<Semaphore>,
}

impl Users {
    /// `None`: in memory.
    pub fn open(path: Option<&Path>) -> Result<Self, Failure> {
        let connection = path.map_or_else(Connection::open_in_memory, Connection::open)?;
        connection.execute_batch(SCHEMA)?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)), hashing: Arc::new(Semaphore::new(4)) })
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Failure> {
        let connection = Arc::clone(&self.connection);
        let work = move || work(&connection.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(task::spawn_blocking(work).await??)
    }

    /// Everything a request with a session needs to know, in one query.
    pub async fn check(&self, sid: String, user: Option<i64>) -> Result<Answer, Failure> {
        self.run(move |c| {
            c.prepare_cached(CHECK)?.query_row(params![sid, user], |row| {
                let person = match row.get::<_, Option<i64>>(0)? {
                    Some(id) => Some(Person { id, email: row.get(1)?, name: row.get(2)? }),
                    None => None,
                };
                Ok(Answer { person, generation: row.get(3)?, denied: row.get(4)?, known: row.get(5)? })
            })
        })
        .await
    }

    /// `None`: the address is taken.
    pub async fn register(&self, email: String, name: String, password: String) -> Result<Option<(i64, u64)>, Failure> {
        let hash = self.hash(password).await?;
        self.run(move |c| {
            let sql = "INSERT INTO users (email, name, password) VALUES (?, ?, ?) ON CONFLICT DO NOTHING
                       RETURNING id, generation";
            c.query_row(sql, params![email, name, hash], |row| Ok((row.get(0)?, row.get(1)?))).optional()
        })
        .await
    }

    /// Number and generation of the user, if the password is theirs. Takes as long for an unknown address.
    pub async fn verify(&self, email: String, password: String) -> Result<Option<(i64, u64)>, Failure> {
        let row: Option<(i64, u64, String)> = self
            .run(move |c| {
                let sql = "SELECT id, generation, password FROM users WHERE email = ?";
                c.query_row(sql, [email], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()
            })
            .await?;
        let _permit = self.hashing.acquire().await?;
        let (found, hash) = match row {
            Some((id, generation, hash)) => (Some((id, generation)), Some(hash)),
            None => (None, None),
        };
        let matches = task::spawn_blocking(move || password::matches(&password, hash.as_deref())).await??;
        Ok(found.filter(|_| matches))
    }

    pub async fn rename(&self, user: i64, name: String) -> Result<(), Failure> {
        self.run(move |c| c.execute("UPDATE users SET name = ? WHERE id = ?", params![name, user])).await?;
        Ok(())
    }

    /// Returns the new generation, which closes every session of the user.
    pub async fn change_password(&self, user: i64, password: String) -> Result<u64, Failure> {
        let hash = self.hash(password).await?;
        self.run(move |c| {
            let sql = "UPDATE users SET password = ?, generation = generation + 1 WHERE id = ? RETURNING generation";
            let generation = c.query_row(sql, params![hash, user], |row| row.get(0))?;
            c.execute("DELETE FROM known WHERE user = ?", [user])?;
            Ok(generation)
        })
        .await
    }

    /// Closes every session of the user.
    pub async fn revoke(&self, user: i64) -> Result<(), Failure> {
        self.run(move |c| {
            c.execute("UPDATE users SET generation = generation + 1 WHERE id = ?", [user])?;
            c.execute("DELETE FROM known WHERE user = ?", [user])
        })
        .await?;
        Ok(())
    }

    /// Denies one session until its absolute end, and forgets what has passed its own.
    pub async fn deny(&self, sid: String, until: u64, now: u64) -> Result<(), Failure> {
        self.run(move |c| {
            c.execute("INSERT OR REPLACE INTO denied (sid, until) VALUES (?, ?)", params![sid, until])?;
            c.execute("DELETE FROM known WHERE sid = ? OR until <= ?", params![sid, now])?;
            c.execute("DELETE FROM denied WHERE until <= ?", [now])
        })
        .await?;
        Ok(())
    }

    /// Denies one known session of this user.
    pub async fn end_session(&self, user: i64, id: i64, now: u64) -> Result<bool, Failure> {
        let sql = "SELECT sid, until FROM known WHERE id = ? AND user = ?";
        let row: Option<(String, u64)> =
            self.run(move |c| c.query_row(sql, [id, user], |row| Ok((row.get(0)?, row.get(1)?))).optional()).await?;
        let Some((sid, until)) = row else { return Ok(false) };
        self.deny(sid, until, now).await?;
        Ok(true)
    }

    pub async fn remember(&self, known: Known, user: i64, until: u64) -> Result<(), Failure> {
        let sql = "INSERT OR IGNORE INTO known (sid, user, first_seen, agent, until) VALUES (?, ?, ?, ?, ?)";
        self.run(move |c| c.execute(sql, params![known.sid, user, known.first_seen, known.agent, until])).await?;
        Ok(())
    }

    pub async fn known(&self, user: i64, now: u64) -> Result<Vec<Known>, Failure> {
        self.run(move |c| {
            let sql = "SELECT id, sid, first_seen, agent FROM known WHERE user = ? AND until > ? ORDER BY first_seen DESC, id DESC";
            c.prepare_cached(sql)?
                .query_map(params![user, now], |row| {
                    Ok(Known { id: row.get(0)?, sid: row.get(1)?, first_seen: row.get(2)?, agent: row.get(3)? })
                })?
                .collect()
        })
        .await
    }

    /// How many sessions are denied.
    pub async fn denied(&self) -> Result<u64, Failure> {
        self.run(|c| c.query_row("SELECT count(*) FROM denied", [], |row| row.get(0))).await
    }

    async fn hash(&self, password: String) -> Result<String, Failure> {
        let _permit = self.hashing.acquire().await?;
        Ok(task::spawn_blocking(move || password::hash(&password)).await??)
    }
}
