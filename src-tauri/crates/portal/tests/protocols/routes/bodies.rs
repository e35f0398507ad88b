//! Bodies of a hundred megabytes.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use axum::{
    body::{Body, Bytes, HttpBody},
    http::{Method, Request, header},
};
use hyper::body::Frame;

use super::{Crawl, administrator, house, routes};

const SIZE: usize = 100 << 20;
const PIECE: usize = 16 << 10;
/// What a route takes, and what one for administrators does; the piece that is too much is read.
const LIMIT: usize = 64 << 10;
const ADMINISTRATION_LIMIT: usize = 256 << 10;

/// A body that says nothing of its size, and counts what is read of it.
struct Flood(Arc<AtomicUsize>);

impl HttpBody for Flood {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let read = self.0.fetch_add(PIECE, Ordering::Relaxed);
        let piece = Bytes::from_static(&[b'x'; PIECE]);
        Poll::Ready((read < SIZE).then_some(Ok(Frame::data(piece))))
    }
}

#[tokio::test]
async fn no_route_reads_a_body_of_a_hundred_megabytes() {
    let house = house().await;
    let mut browser = administrator(&house).await;
    let crawl = Crawl::of(&house, &mut browser).await;
    let cookies = browser.cookies();
    for route in routes(&house, &crawl).await {
        let limit = match route.pattern.as_str() {
            pattern if pattern == "/" || pattern.starts_with("/admin") => ADMINISTRATION_LIMIT,
            _ => LIMIT,
        };
        for method in [Method::GET, Method::POST] {
            if !route.takes(&method) {
                continue;
            }
            for kind in ["application/x-www-form-urlencoded", "application/json"] {
                let read = Arc::new(AtomicUsize::new(0));
                let request = Request::builder()
                    .method(&method)
                    .uri(&route.address)
                    .header(header::COOKIE, &cookies)
                    .header(header::CONTENT_TYPE, kind)
                    .body(Body::new(Flood(read.clone())));
                let answer = house.call(request.expect("request")).await;
                assert!(answer.status.as_u16() < 500, "{route:?}: {answer:?}");
                let read = read.load(Ordering::Relaxed);
                assert!(
                    read <= limit + PIECE,
                    "{method} {route:?} read {read} bytes"
                );
            }
            let announced = Request::builder()
                .method(&method)
                .uri(&route.address)
                .header(header::COOKIE, &cookies)
                .header(header::CONTENT_LENGTH, SIZE)
                .body(Body::empty());
            let answer = house.call(announced.expect("request")).await;
            let is_probe = ["/healthz", "/readyz"].contains(&route.pattern.as_str());
            let expected = if is_probe { 200 } else { 413 };
            assert_eq!(answer.status, expected, "{method} {route:?}");
        }
    }
}
