//! Risks that a person who starts a server may not have intended.

use std::net::SocketAddr;
use std::path::Path;

use crate::private;
use crate::store::{self, key};

/// A sentence for each risk that is taken, with its remedy.
pub(crate) fn of(bound: SocketAddr, named: bool, locked: bool, data: &Path) -> Vec<String> {
    let mut warnings = Vec::new();
    let port = bound.port();
    if !bound.ip().to_canonical().is_loopback() {
        warnings.push(format!(
            "what others send to this address is not encrypted: whoever is on the way reads and changes the board, and \
             takes the token; listen on 127.0.0.1 and let a TLS proxy stand before it (--host NAME), or have others \
             come by ssh -L {port}:127.0.0.1:{port} THIS-MACHINE"
        ));
    } else if named && !locked {
        warnings.push(
            "whoever reaches this server under the name given by --host reads and changes the board; \
             ask for a token: --token-file FILE"
                .to_owned(),
        );
    }
    for (path, mode) in [(data, "700"), (&store::file_in(data), "600"), (&key::file_in(data), "600")] {
        if std::fs::metadata(path).is_ok_and(|metadata| private::is_open_to_others(&metadata)) {
            warnings.push(format!(
                "others on this machine can look into {0}; make it yours alone: chmod {mode} {0}",
                path.display()
            ));
        }
    }
    warnings
}
