//! The door: how many may be connected at once, and how long one may take to say what it wants. What a request may hold
//! is bounded where it is read.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tower::ServiceExt as _;

/// What the door lets in.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Most connections at once; whoever comes beyond them waits in the system's queue. A phone that watches holds one.
    pub connections: usize,
    /// The longest that the head of a request may take, and that a connection may stay idle between two.
    pub head: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connections: 4_096, head: Duration::from_secs(30) }
    }
}

/// After a failure to accept that is not of one connection: usually no file handles are left.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves the routes until `ending` is over; requests under way are answered first.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    ending: impl Future<Output = ()> + Send,
) {
    let places = Arc::new(Semaphore::new(limits.connections));
    let graceful = GracefulShutdown::new();
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(limits.head);
    let mut ending = pin!(ending);
    loop {
        let next = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, accept(&listener).await)
        };
        let (place, (stream, peer)) = tokio::select! {
            next = next => next,
            () = &mut ending => break,
        };
        let router = router.clone();
        let service = service_fn(move |mut request: hyper::Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            router.clone().oneshot(request)
        });
        let connection = graceful.watch(builder.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%peer, %error, "connection");
            }
            drop(place);
        });
    }
    drop(listener);
    graceful.shutdown().await;
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if of_one_connection(&error) => {}
            Err(error) => {
                tracing::error!(%error, "accept");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

fn of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
