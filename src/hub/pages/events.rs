//! "Something changed": one line to every open page of a site, once a second at most.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::{Stream, StreamExt as _, stream};

use super::answer::NoPage;
use super::frame::Place;
use crate::Hub;

/// A page fetches itself again after each event: more often is more than anyone reads.
const PAUSE: Duration = Duration::from_secs(1);

/// A stream ends after so long, and the page opens another: it is asked again then who it is.
const OPEN_MAX: Duration = Duration::from_secs(300);

pub(super) async fn stream(
    State(hub): State<Hub>,
    Path(site): Path<String>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, NoPage> {
    let place = Place::find(&hub, &site).await?;
    let bell = hub.inner.changes.listen_for_pages(&place.site.site);
    let events = stream::unfold((bell, false), |(mut bell, told)| async move {
        if told {
            tokio::time::sleep(PAUSE).await;
        }
        bell.changed().await.ok()?;
        Some((Ok(Event::default().event("changed").data("1")), (bell, true)))
    });
    let stopping = hub.inner.stopping.clone().cancelled_owned();
    let ending = async move {
        tokio::select! { () = stopping => {}, () = tokio::time::sleep(OPEN_MAX) => {} }
    };
    Ok(Sse::new(events.take_until(Box::pin(ending))).keep_alive(KeepAlive::default()))
}
