//! A relay behind TLS, as at home or in a company: its certificate is replaced, runs out or is somebody
//! else's, and nothing is lost or told to strangers.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use almanac_scenarios::World;
use rcgen::{CertificateParams, CertifiedIssuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;

/// Who vouches for certificates.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    file: PathBuf,
}

impl Authority {
    fn new(folder: &Path, name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let issuer = CertifiedIssuer::self_signed(params, key).unwrap();
        let file = folder.join(name).with_extension("pem");
        std::fs::write(&file, issuer.pem()).unwrap();
        Self { issuer, file }
    }

    /// A certificate with a new key, good until the end of a year.
    fn certificate(&self, until: i32) -> Arc<ServerConfig> {
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        params.not_after = rcgen::date_time_ymd(until, 12, 31);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        Arc::new(config)
    }
}

/// What ends TLS in front of the relay.
struct Door {
    port: u16,
    shows: Arc<Mutex<Arc<ServerConfig>>>,
    _runtime: Runtime,
}

impl Door {
    fn before(relay_port: u16, first: Arc<ServerConfig>) -> Self {
        let runtime = Runtime::new().unwrap();
        let shows = Arc::new(Mutex::new(first));
        let listener = runtime
            .block_on(TcpListener::bind(("127.0.0.1", 0)))
            .unwrap();
        let port = listener.local_addr().unwrap().port();
        let showing = Arc::clone(&shows);
        runtime.spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let acceptor = TlsAcceptor::from(Arc::clone(&showing.lock().unwrap()));
                tokio::spawn(async move {
                    // Who does not trust the certificate goes away.
                    if let Ok(mut near) = acceptor.accept(near).await {
                        let mut far = TcpStream::connect(("127.0.0.1", relay_port)).await.unwrap();
                        // Ends however it ends.
                        let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
                    }
                });
            }
        });
        Self {
            port,
            shows,
            _runtime: runtime,
        }
    }

    fn show(&self, certificate: Arc<ServerConfig>) {
        *self.shows.lock().unwrap() = certificate;
    }
}

#[test]
fn fault_44_a_certificate_is_rotated_and_one_that_is_not_trusted_is_told_nothing() {
    let world = World::new();
    let relay = world.relay();
    let authority = Authority::new(world.folder(), "authority");
    let stranger = Authority::new(world.folder(), "stranger");
    let door = Door::before(relay.port(), authority.certificate(2099));
    let url = format!("https://localhost:{}", door.port);
    let ada = world.device("ada laptop").trusting(&authority.file);
    let desk = world.device("ada desk").trusting(&authority.file);
    ada.init();
    ada.ok(&["relay", "use", &url, "--invite", relay.invite()]);
    ada.sync();
    desk.link_to(&ada, &url);
    // Another key, as every few weeks: nobody is asked anything.
    ada.add("first", "2026-11-20T10:00");
    door.show(authority.certificate(2098));
    ada.sync();
    desk.sync();
    assert_eq!(desk.titles(), ["first"]);
    // One that has run out, and one that somebody else vouches for.
    ada.add("second", "2026-11-20T12:00");
    for other in [authority.certificate(2020), stranger.certificate(2099)] {
        door.show(other);
        let refused = ada.run(&["sync"]);
        assert!(refused.stderr.contains("certificate"), "{}", refused.stderr);
        assert!(
            refused.stderr.contains("Nothing was sent"),
            "{}",
            refused.stderr
        );
    }
    assert_eq!(ada.titles(), ["first", "second"]);
    door.show(authority.certificate(2099));
    assert_eq!(ada.sync()["outbox"], 0);
    desk.sync();
    assert_eq!(desk.titles(), ["first", "second"]);
}
