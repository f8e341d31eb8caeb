//! The shop's front page.

use maud::{Markup, html};

use super::{basket::price, page};
use crate::sessions::Visit;

pub struct Product {
    pub id: &'static str,
    pub name: &'static str,
    pub text: &'static str,
    pub cents: u32,
}

pub const PRODUCTS: [Product; 6] = [
    Product { id: "clay", name: "Clay tablet", text: "Unfired, the size of a hand.", cents: 450 },
    Product { id: "stylus", name: "Reed stylus", text: "Cut for right-handed wedges.", cents: 280 },
    Product { id: "cylinder", name: "Cylinder seal", text: "Rolls a lion hunt, over and over.", cents: 6_400 },
    Product { id: "wax", name: "Sealing wax", text: "Red, a stick of twelve seals.", cents: 790 },
    Product { id: "ring", name: "Signet ring", text: "Brass, engraved with your initial.", cents: 3_950 },
    Product { id: "cord", name: "Linen cord", text: "Ten ells, for tying what you seal.", cents: 520 },
];

pub async fn show(visit: Visit) -> Markup {
    let products = html! {
        @for product in &PRODUCTS {
            li.card {
                h2 { (product.name) }
                p { (product.text) }
                p.price { (price(product.cents)) }
                form method="post" action="/basket/add" {
                    input type="hidden" name="product" value=(product.id);
                    button data-testid={ "add-" (product.id) } aria-label={ "Add to basket: " (product.name) } { "Add to basket" }
                }
            }
        }
    };
    let content = html! {
        h1 { "Everything for sealing" }
        p.lead {
            "Put something into the basket, sign on, look at " a href="/cookie" { "what your cookie holds" }
            ", and let the server attack " a href="/attacks" { "itself" } "."
        }
        ul.cards { (products) }
    };
    page(&visit, "Shop", content)
}
