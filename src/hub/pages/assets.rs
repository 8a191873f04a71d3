//! The files that pages are made with. They are part of the program; nothing is fetched from elsewhere.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// One file.
struct Asset {
    name: &'static str,
    kind: &'static str,
    text: &'static str,
}

const ASSETS: [Asset; 4] = [
    Asset {
        name: "tallyman.css",
        kind: "text/css; charset=utf-8",
        text: include_str!("assets/tallyman.css"),
    },
    Asset {
        name: "tallyman.svg",
        kind: "image/svg+xml",
        text: include_str!("assets/tallyman.svg"),
    },
    Asset {
        name: "htmx.min.js",
        kind: JAVASCRIPT,
        text: include_str!("assets/htmx.min.js"),
    },
    Asset {
        name: "htmx-sse.min.js",
        kind: JAVASCRIPT,
        text: include_str!("assets/htmx-sse.min.js"),
    },
];

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// A year: another content has another address.
const FOR_GOOD: &str = "public, max-age=31536000, immutable";

/// The addresses of all assets, each with a digest of its content.
static ADDRESSES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let address = |asset: &Asset| {
        let digest = blake3::hash(asset.text.as_bytes()).to_hex();
        format!("/assets/{}?{}", asset.name, &digest.as_str()[..12])
    };
    ASSETS.iter().map(address).collect()
});

/// The address of an asset of this program.
pub(super) fn address(name: &str) -> &'static str {
    let place = ASSETS.iter().position(|asset| asset.name == name);
    place
        .and_then(|place| ADDRESSES.get(place))
        .map(String::as_str)
        .unwrap_or_default()
}

pub(super) async fn serve(Path(name): Path<String>) -> Response {
    match ASSETS.iter().find(|asset| asset.name == name) {
        Some(asset) => (
            [
                (header::CONTENT_TYPE, asset.kind),
                (header::CACHE_CONTROL, FOR_GOOD),
            ],
            asset.text,
        )
            .into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
