//! The table of attacks.

use maud::{Markup, html};

use super::page;
use crate::{attacks, failure::Failure, sessions::Visit};

/// Takes about a second, on a server of its own in memory.
pub async fn show(visit: Visit) -> Result<Markup, Failure> {
    let rows = attacks::run().await?;
    let held = rows.iter().filter(|row| row.held()).count();
    let content = html! {
        h1 { "Attacks" }
        p.lead {
            "Each line was carried out just now, against a server of its own that ran in memory: "
            strong data-testid="attacks-held" { (held) } " of " span data-testid="attacks-total" { (rows.len()) }
            " ended as expected."
        }
        table data-testid="attacks" {
            thead { tr { th { "What was done" } th { "Expected" } th { "The server said" } th { "" } } }
            tbody {
                @for row in &rows {
                    tr data-testid="attack" data-attack=(row.id) data-held=(row.held()) {
                        td { (row.done) }
                        td { code { (row.expected) } }
                        td { code { (row.said) } }
                        td { @if row.held() { span.held { "as expected" } } @else { span.broken { "NOT AS EXPECTED" } } }
                    }
                }
            }
        }
    };
    Ok(page(&visit, "Attacks", content))
}
