//! Runs the SQL of the guide to revocation, statement by statement.

use std::{collections::HashMap, fs, path::Path};

use rusqlite::{Connection, ToSql};

/// The statements of the guide, by the words they begin with.
fn statements() -> HashMap<String, String> {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../guides/revocation.md");
    let guide = fs::read_to_string(guide).expect("the guide");
    let block = guide.split("```sql\n").nth(1).and_then(|rest| rest.split("```").next()).expect("its SQL");
    let code: String =
        block.lines().map(|line| line.split("--").next().unwrap_or_default().to_owned() + "\n").collect();
    let statements = code.split(';').map(str::trim).filter(|statement| !statement.is_empty());
    let name = |statement: &str| statement.split_whitespace().take(3).collect::<Vec<_>>().join(" ");
    statements.map(|statement| (name(statement), statement.to_owned())).collect()
}

fn query(database: &Connection, statement: &str, parameters: &[(&str, &dyn ToSql)]) -> Option<(i64, Option<bool>)> {
    let mut statement = database.prepare(statement).expect("SQL");
    let mut rows = statement.query(parameters).expect("parameters");
    rows.next().expect("runs").map(|row| (row.get(0).expect("a generation"), row.get(1).ok()))
}

#[test]
fn the_sql_of_the_guide_runs() {
    let sql = statements();
    assert_eq!(sql.len(), 6, "{:?}", sql.keys());
    let database = Connection::open_in_memory().expect("SQLite");
    database.execute_batch(&sql["CREATE TABLE users"]).expect("users");
    database.execute_batch(&sql["CREATE TABLE denied"]).expect("denied");
    database.execute("INSERT INTO users (password) VALUES ('')", []).expect("a user");

    let check = |sub: i64, sid: &str| {
        let statement = sql.iter().find(|(name, _)| name.starts_with("SELECT")).expect("the check").1;
        query(&database, statement, &[(":sub", &sub), (":sid", &sid)])
    };
    let (generation, denied) = check(1, "one").expect("a row");
    assert!((0..1 << 48).contains(&generation), "{generation}");
    assert_eq!(denied, Some(false));
    assert_eq!(check(2, "one"), None, "no row, no answer");

    let (raised, _) =
        query(&database, &sql["UPDATE users SET"], &[(":sub", &1), (":hash", &"new")]).expect("the new number");
    assert_eq!((raised, check(1, "one")), (generation + 1, Some((generation + 1, Some(false)))));

    let deny = |sid: &str, end: i64| {
        let parameters: [(&str, &dyn ToSql); 2] = [(":sid", &sid), (":end", &end)];
        database.execute(&sql["INSERT INTO denied"], &parameters).expect("denied");
    };
    deny("one", 100);
    deny("one", 100);
    deny("two", 200);
    assert_eq!(check(1, "one"), Some((raised, Some(true))));
    database.execute(&sql["DELETE FROM denied"], &[(":now", &100)]).expect("cleared");
    assert_eq!((check(1, "one"), check(1, "two")), (Some((raised, Some(false))), Some((raised, Some(true)))));
}
