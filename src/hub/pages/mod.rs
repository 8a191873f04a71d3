//! The pages for people. They are behind the access key, where one is set.

pub(crate) mod access;

use axum::Router;

use crate::Hub;

pub(crate) fn routes(_hub: &Hub) -> Router {
    Router::new()
}
