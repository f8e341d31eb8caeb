//! The basket: in the server's memory, with a copy in the cookie.

use axum::{
    Form,
    extract::Query,
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use serde::Deserialize;

use super::{
    home::{PRODUCTS, Product},
    page,
};
use crate::{
    baskets::Source,
    sessions::{Basket, Member, Visit},
};

const MOST: u32 = 99;

#[derive(Deserialize)]
pub struct Choice {
    product: String,
}

#[derive(Deserialize)]
pub struct Checkout {
    #[serde(default)]
    voucher: String,
}

pub async fn show(visit: Visit) -> Markup {
    let basket = visit.session().data().basket.clone();
    let from = visit.basket_from;
    let content = html! {
        h1 { "Basket" }
        (table(&basket, true))
        @if !basket.is_empty() {
            p { a.button href="/basket/checkout" data-testid="checkout" { "Check out" } }
            p.small {
                "This basket came from the "
                @if from == Source::Memory { "server’s memory" } @else { "copy in your cookie" }
                " (" code data-testid="basket-source" { (from.word()) } ")."
            }
        }
    };
    page(&visit, "Basket", content)
}

pub async fn add(visit: Visit, Form(choice): Form<Choice>) -> Response {
    if let Some(product) = find(&choice.product) {
        let mut session = visit.session();
        let pieces = session.data_mut().basket.entry(product.id.into()).or_default();
        *pieces = (*pieces + 1).min(MOST);
        session.flash("notice", format!("{} is in your basket.", product.name));
    }
    Redirect::to("/basket").into_response()
}

pub async fn remove(visit: Visit, Form(choice): Form<Choice>) -> Response {
    visit.session().data_mut().basket.remove(&choice.product);
    Redirect::to("/basket").into_response()
}

/// A deep link with a query: both survive the sign-on.
pub async fn checkout(Member { visit, person }: Member, Query(query): Query<Checkout>) -> Markup {
    let basket = visit.session().data().basket.clone();
    let content = html! {
        h1 { "Check out" }
        p { "For " strong data-testid="customer" { (person.name) } ", " (person.email) }
        @if !query.voucher.is_empty() { p { "Voucher: " code data-testid="voucher" { (query.voucher) } } }
        (table(&basket, false))
        @if !basket.is_empty() {
            form method="post" action="/basket/order" { button data-testid="order" { "Order" } }
        }
    };
    page(&visit, "Check out", content)
}

pub async fn order(Member { visit, .. }: Member) -> Response {
    let mut session = visit.session();
    if !session.data().basket.is_empty() {
        session.data_mut().basket.clear();
        session.flash("notice", "Thank you for your order. (Nothing will be delivered.)");
    }
    Redirect::to("/").into_response()
}

fn find(id: &str) -> Option<&'static Product> {
    PRODUCTS.iter().find(|product| product.id == id)
}

fn table(basket: &Basket, removable: bool) -> Markup {
    let lines = basket.iter().filter_map(|(id, pieces)| Some((find(id)?, *pieces)));
    let total = lines.clone().map(|(product, pieces)| product.cents.saturating_mul(pieces)).sum();
    html! {
        @if basket.is_empty() {
            p data-testid="basket-empty" { "Nothing in it yet." }
        } @else {
            table data-testid="basket" {
                thead { tr { th { "Product" } th.number { "Pieces" } th.number { "Price" } @if removable { th { "" } } } }
                tbody {
                    @for (product, pieces) in lines {
                        tr data-testid={ "line-" (product.id) } {
                            td { (product.name) }
                            td.number data-testid={ "pieces-" (product.id) } { (pieces) }
                            td.number { (price(product.cents.saturating_mul(pieces))) }
                            @if removable { td { (remove_button(product)) } }
                        }
                    }
                }
                tfoot { tr { td { "Total" } td {} td.number data-testid="total" { (price(total)) } @if removable { td {} } } }
            }
        }
    }
}

fn remove_button(product: &Product) -> Markup {
    html! {
        form method="post" action="/basket/remove" {
            input type="hidden" name="product" value=(product.id);
            button.quiet data-testid={ "remove-" (product.id) } aria-label={ "Remove " (product.name) } { "Remove" }
        }
    }
}

pub fn price(cents: u32) -> String {
    format!("€ {}.{:02}", cents / 100, cents % 100)
}
