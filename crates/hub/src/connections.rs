//! Connections of clients: how many there are, and how long a slow one is waited for.
//!
//! Whoever sends a request's head, a body or reads an answer too slowly is let go, so that strangers who hold connections cannot
//! keep the hub from others.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::ConnectInfo;
use hyper::body::{Frame, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{Instant, Sleep};
use tower::ServiceExt;

/// Connections at once; who comes beyond waits. Below the files that a process may usually open.
const MOST: usize = 512;
/// How long a request's head may take, and a connection may wait for the next one.
const HEAD: Duration = Duration::from_secs(10);
/// How long the client may take nothing of its answer.
const STALLED: Duration = Duration::from_secs(30);
/// How long a body may take to begin with; from then on it arrives at `SLOWEST` or faster.
const BODY: Duration = Duration::from_secs(30);
/// The slowest body in the long run [bytes/s].
const SLOWEST: f64 = 65_536.0;

/// Answers by `router` until `stopped`; then ends idle connections and waits for answers under way.
pub(crate) async fn answer(listener: TcpListener, router: Router, stopped: impl Future<Output = ()>) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD);
    let (turns, graceful) = (Arc::new(Semaphore::new(MOST)), GracefulShutdown::new());
    let mut stopped = std::pin::pin!(stopped);
    loop {
        let turn = turns.clone().acquire_owned();
        let accepted = async { (turn.await, listener.accept().await) };
        let (turn, accepted) = tokio::select! {
            accepted = accepted => accepted,
            () = &mut stopped => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            // Out of files, or a client that went away: others end, and then there is room again.
            Err(_) => {
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        // An answer is written at once; there is nothing to wait for. A socket that refuses this works all the same.
        let _ = stream.set_nodelay(true);
        let router = router.clone();
        let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
            let mut request = request.map(|body| Body::new(Steady::new(Body::new(body))));
            request.extensions_mut().insert(ConnectInfo::<SocketAddr>(peer));
            router.clone().oneshot(request)
        });
        let connection = graceful.watch(http.serve_connection(TokioIo::new(Patient::new(stream)), service));
        tokio::spawn(async move {
            // A connection that broke off is the client's affair.
            let _ = connection.await;
            drop(turn);
        });
    }
    drop(listener);
    graceful.shutdown().await;
}

/// A body that must arrive at a least rate.
struct Steady {
    body: Body,
    began: Instant,
    received: u64,
    deadline: Option<Pin<Box<Sleep>>>,
}

impl Steady {
    fn new(body: Body) -> Self {
        Self { body, began: Instant::now(), received: 0, deadline: None }
    }
}

impl HttpBody for Steady {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(context) {
            if let Some(Ok(frame)) = &frame {
                this.received += frame.data_ref().map_or(0, Bytes::len) as u64;
                this.deadline = None;
            }
            return Poll::Ready(frame);
        }
        let by = this.began + BODY + Duration::from_secs_f64(this.received as f64 / SLOWEST);
        let deadline = this.deadline.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(by)));
        ready!(deadline.as_mut().poll(context));
        Poll::Ready(Some(Err(axum::Error::new(io::Error::from(io::ErrorKind::TimedOut)))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A connection that ends where the client takes nothing for too long.
struct Patient {
    stream: TcpStream,
    stalled: Option<Pin<Box<Sleep>>>,
}

impl Patient {
    fn new(stream: TcpStream) -> Self {
        Self { stream, stalled: None }
    }

    fn waited<T>(&mut self, written: Poll<io::Result<T>>, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(tokio::time::sleep(STALLED)));
        ready!(stalled.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Patient {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl AsyncWrite for Patient {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.waited(written, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        self.waited(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
