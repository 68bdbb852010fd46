//! How answers travel: tags, compression, methods; and that whatever is refused is told in both languages.

mod service;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use axum::http::{Method, StatusCode};
use service::{Service, bundle, catalog, short_catalog};

#[test]
fn what_has_not_changed_is_not_sent_again() {
    let service = Service::new(short_catalog());
    for address in ["/api/v1/products", "/api/v1/summary", "/api/v1/openapi.json", "/catalog", "/site.js", "/products/ur20/model"]
    {
        let first = service.get(address);
        let tag = first.headers["etag"].to_str().expect("text");
        let ask = |known: &str| service.ask(Method::GET, address, &[("if-none-match", known)], &[]);
        for known in [tag, "*", &format!("\"other\", {tag}"), tag.trim_start_matches("W/")] {
            let again = ask(known);
            assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0), "{address} {known}");
            assert_eq!(again.headers["etag"], tag);
        }
        assert_eq!((ask("\"other\"").status, ask("\"other\"").body), (StatusCode::OK, first.body.clone()), "{address}");
        assert!(first.headers["cache-control"].to_str().expect("text").contains("no-cache"), "{address}");
    }
    let before = service.get("/api/v1/summary");
    service.publish(bundle());
    assert_ne!(before.headers["etag"], service.get("/api/v1/summary").headers["etag"]);
}

#[test]
fn text_is_packed_for_those_who_take_it() {
    let service = Service::new(catalog());
    for address in ["/api/v1/products/ur20", "/site.js", "/site.css"] {
        let plain = service.get(address);
        let ask = |codings: &str| service.ask(Method::GET, address, &[("accept-encoding", codings)], &[]);
        let packed = ask("br;q=1.0, GZIP;q=0.8");
        assert_eq!(
            (&packed.headers["content-encoding"], &packed.headers["vary"]),
            (&"gzip".parse().unwrap(), &plain.headers["vary"])
        );
        assert_eq!(packed.headers["etag"], plain.headers["etag"]);
        assert!(packed.body.len() < plain.body.len(), "{address}");
        let mut text = Vec::new();
        flate2::read::GzDecoder::new(&packed.body[..]).read_to_end(&mut text).expect("gzip");
        assert_eq!(text, plain.body, "{address}");
        assert_eq!(ask("gzip;q=0, br").body, plain.body, "{address}");
    }
}

#[test]
fn head_says_what_get_says_and_options_which_methods_there_are() {
    let service = Service::new(catalog());
    for address in ["/api/v1/products", "/api/v1/evidence/xyz", "/catalog", "/site.js"] {
        let (get, head) = (service.get(address), service.ask(Method::HEAD, address, &[], &[]));
        assert_eq!(
            (get.status, get.headers.get("etag"), get.headers.get("content-length")),
            (head.status, head.headers.get("etag"), head.headers.get("content-length")),
            "{address}"
        );
    }
    assert!(service.ask(Method::HEAD, "/api/v1/products", &[], &[]).body.is_empty());
    let options = service.ask(Method::OPTIONS, "/api/v1/evidence", &[], &[]);
    assert_eq!((options.status, options.body.len()), (StatusCode::NO_CONTENT, 0));
    let allow = options.headers["allow"].to_str().expect("text");
    assert!(allow.contains("GET") && allow.contains("POST") && !allow.contains("DELETE"), "{allow}");
}

#[test]
fn what_the_server_itself_refuses_is_told_in_both_languages() {
    let service = Service::new(catalog());
    let token = service.token();
    let large = vec![b' '; 3 << 20];
    let json = ("content-type", "application/json");
    for (method, address, header, body, status) in [
        (Method::DELETE, "/api/v1/products", json, &b""[..], StatusCode::METHOD_NOT_ALLOWED),
        (Method::TRACE, "/catalog", json, b"", StatusCode::METHOD_NOT_ALLOWED),
        (Method::GET, "/api/v1/products/%FF", json, b"", StatusCode::BAD_REQUEST),
        (Method::GET, "/products/%FF/model", json, b"", StatusCode::BAD_REQUEST),
        (Method::POST, "/api/v1/session/tokens", json, b"{", StatusCode::BAD_REQUEST),
        (Method::POST, "/api/v1/session/tokens", json, b"[]", StatusCode::BAD_REQUEST),
        (Method::POST, "/api/v1/session/tokens", ("content-type", "text/plain"), b"{}", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (Method::POST, "/api/v1/session/tokens", json, &large, StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        let answer = service.ask(method.clone(), address, &[("authorization", &token), header], body);
        assert_eq!(answer.status, status, "{method} {address}: {}", String::from_utf8_lossy(&answer.body));
        assert_eq!(answer.headers["content-type"], "application/problem+json", "{method} {address}");
        let problem = answer.json();
        assert_eq!(problem["status"].as_u64(), Some(status.as_u16().into()));
        for part in ["title", "detail"] {
            for language in ["zh", "en"] {
                assert!(!problem[part][language].as_str().expect("text").is_empty(), "{method} {address}");
            }
        }
    }
    let answer = service.ask(Method::DELETE, "/api/v1/products", &[], &[]);
    assert!(answer.headers["allow"].to_str().expect("text").contains("GET"));
}

/// Strangers who never end a request's head, or say nothing after one, are let go; meanwhile others are answered.
#[test]
fn who_is_too_slow_is_let_go() {
    static STOP: AtomicBool = AtomicBool::new(false);
    let service = Service::new(catalog());
    let hub = service.hub.clone();
    let (ready, listens) = std::sync::mpsc::channel();
    let serving = std::thread::spawn(move || {
        leitai_hub::serve(&hub, "127.0.0.1:0".parse().expect("an address"), &STOP, |address| {
            ready.send(address).expect("is heard")
        })
    });
    let address: SocketAddr = listens.recv().expect("listens");
    let connect = |said: &str| {
        let mut stream = TcpStream::connect(address).expect("connects");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("sets");
        stream.write_all(said.as_bytes()).expect("writes");
        stream
    };
    let began = Instant::now();
    let mut slow = [connect(""), connect("GET / HTTP/1.1\r\nhost: x\r\n"), connect("GET /site.css HTTP/1.1\r\nhost: x\r\n\r\n")];
    let mut text = String::new();
    connect("GET /api/v1/summary HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").read_to_string(&mut text).expect("answers");
    assert!(text.starts_with("HTTP/1.1 200") && began.elapsed() < Duration::from_secs(5), "{text}");
    for stream in &mut slow {
        // Closed: nothing more comes, or an answer and then nothing more.
        stream.read_to_end(&mut Vec::new()).expect("ends");
    }
    assert!((5..25).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
    STOP.store(true, Ordering::Relaxed);
    serving.join().expect("no panic").expect("serves");
}
