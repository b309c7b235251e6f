//! The path below which browsers see the whiteboard.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::uri::{PathAndQuery, Uri};
use axum::response::{IntoResponse, Redirect};
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;

/// A path that begins and ends with `/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Base(Arc<str>);

impl Default for Base {
    fn default() -> Self {
        Base("/".into())
    }
}

impl fmt::Display for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Base {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORM: &str =
            "a path as the browser shows it, of letters, digits and - . _ ~ between the slashes: /board/";
        let plain = |part: &str| {
            let letters = part.chars().all(|c| c.is_ascii_alphanumeric() || "-._~".contains(c));
            letters && !part.is_empty() && part != "." && part != ".."
        };
        if text == "/" {
            return Ok(Base::default());
        }
        let inside = text.strip_prefix('/').ok_or(FORM)?;
        let inside = inside.strip_suffix('/').unwrap_or(inside);
        if !inside.split('/').all(plain) {
            return Err(FORM);
        }
        if inside.split('/').next() == Some("b") {
            return Err("another path: below /b/ are the boards");
        }
        Ok(Base(format!("/{inside}/").into()))
    }
}

/// Where a request leads.
enum Way {
    /// As it stands: a proxy has taken the base off, or there is none.
    Here,
    /// To this, below the base.
    Below(Uri),
    /// To the base itself, which lacks its last slash.
    Slash,
}

impl Base {
    fn way(&self, uri: &Uri) -> Way {
        let Some(rest) = uri.path().strip_prefix(self.0.trim_end_matches('/')) else { return Way::Here };
        if &*self.0 == "/" {
            return Way::Here;
        }
        if rest.is_empty() {
            return Way::Slash;
        }
        let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        let mut parts = uri.clone().into_parts();
        match PathAndQuery::try_from(format!("{rest}{query}")) {
            Ok(below) if rest.starts_with('/') => parts.path_and_query = Some(below),
            _ => return Way::Here,
        }
        Uri::from_parts(parts).map_or(Way::Here, Way::Below)
    }
}

/// Takes the base off before `inner` sees a request. Most proxies can be told to do that, and some do: a request without
/// it is served as well.
pub(super) fn below(base: Base, inner: Router) -> Router {
    let inner = TowerToHyperService::new(inner);
    Router::new().fallback(move |mut request: Request| {
        let (way, inner) = (base.way(request.uri()), inner.clone());
        let slash = base.clone();
        async move {
            match way {
                Way::Here => {}
                Way::Below(uri) => *request.uri_mut() = uri,
                Way::Slash => return Redirect::permanent(&slash.0).into_response(),
            }
            match inner.call(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_is_a_path_between_slashes() {
        let base = |text: &str| text.parse::<Base>().map(|base| base.to_string()).ok();
        for (text, is) in [("/", "/"), ("/board/", "/board/"), ("/board", "/board/"), ("/a/b-1/", "/a/b-1/")] {
            assert_eq!(base(text).as_deref(), Some(is));
        }
        for wrong in
            ["", "board", "//", "/a//b/", "/../", "/a/./", "/a b/", "/a\"/", "/a?b/", "/b/", "/b/team/", "http://a/"]
        {
            assert_eq!(base(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_is_below_the_base_leads_to_the_same_as_without_it() {
        let base: Base = "/board/".parse().expect("a base");
        let below = |uri: &str| match base.way(&uri.parse().expect("a uri")) {
            Way::Here => "here".to_owned(),
            Way::Below(uri) => uri.to_string(),
            Way::Slash => "slash".to_owned(),
        };
        assert_eq!(below("/board/"), "/");
        assert_eq!(below("/board/b/x?y=1"), "/b/x?y=1");
        assert_eq!(below("/board"), "slash");
        assert_eq!(below("/main.js"), "here");
        assert_eq!(below("/boards/x"), "here");
        assert_eq!(below("http://a/board/ws"), "http://a/ws");
    }
}
