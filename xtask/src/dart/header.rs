//! The header of the C ABI, read.

use super::abi::{Abi, Function, Named, Struct, Type};
use super::tree::{Branch, parse};
use anyhow::{Context, bail};
use std::collections::HashMap;

/// The words over each constant, structure, function, and field, which is called `structure.field`.
pub(super) type Docs = HashMap<String, String>;

/// What the header declares, and the words over it.
pub(super) fn read(header: &str) -> anyhow::Result<(Abi, Docs)> {
    let source = without_cpp(header);
    let tree = parse(&source, tree_sitter_c::LANGUAGE)?;
    let mut reader = Reader::default();
    reader.declarations(Branch::root(&tree, &source))?;
    Ok((reader.abi, reader.docs))
}

/// Without what is for C++ alone: it opens a brace in one condition and closes it in another, which no grammar knows.
fn without_cpp(header: &str) -> String {
    let mut is_for_cpp = false;
    let mut kept = String::new();
    for line in header.lines() {
        is_for_cpp |= line == "#ifdef __cplusplus";
        kept += if is_for_cpp { "" } else { line };
        kept.push('\n');
        is_for_cpp &= !line.starts_with("#endif");
    }
    kept
}

#[derive(Default)]
struct Reader {
    abi: Abi,
    docs: Docs,
    aliases: HashMap<String, Type>,
    /// The comment that ends on the line before.
    comment: Vec<String>,
}

impl Reader {
    fn declarations(&mut self, within: Branch<'_>) -> anyhow::Result<()> {
        for each in within.children() {
            match each.kind() {
                "comment" => self.comment.push(comment(each)),
                "preproc_ifdef" => self.declarations(each)?,
                "preproc_def" => self.constant(each)?,
                "type_definition" => self.structure(each)?,
                "declaration" => self.function(each)?,
                _ => {}
            }
            if each.kind() != "comment" {
                self.comment.clear();
            }
        }
        Ok(())
    }

    fn say(&mut self, name: String) {
        self.docs.insert(name, std::mem::take(&mut self.comment).join("\n"));
    }

    fn constant(&mut self, of: Branch<'_>) -> anyhow::Result<()> {
        // The header's guard has no value.
        let [name, value] = of.children()[..] else { return Ok(()) };
        let value =
            number(value.text()).with_context(|| format!("`{}` is no number that is known", of.text().trim()))?;
        self.abi.constants.push((name.text().to_owned(), value));
        self.say(name.text().to_owned());
        Ok(())
    }

    fn structure(&mut self, of: Branch<'_>) -> anyhow::Result<()> {
        let Ok(specifier) = of.one("struct_specifier") else { return self.alias(of) };
        let name = specifier.one("type_identifier")?.text().to_owned();
        self.say(name.clone());
        let fields = match specifier.one("field_declaration_list") {
            Ok(list) => Some(self.fields(&name, list)?),
            Err(_) => None,
        };
        self.abi.structs.push(Struct { name, fields });
        Ok(())
    }

    /// Another name for a type.
    fn alias(&mut self, of: Branch<'_>) -> anyhow::Result<()> {
        let name = of.one("type_identifier")?.text().to_owned();
        let named = self.base(of)?;
        self.aliases.insert(name, named);
        Ok(())
    }

    fn fields(&mut self, of: &str, list: Branch<'_>) -> anyhow::Result<Vec<Named>> {
        let mut fields = Vec::new();
        for each in list.children() {
            if each.kind() == "comment" {
                self.comment.push(comment(each));
            } else {
                let field = self.named(each)?;
                self.say(format!("{of}.{}", field.name));
                fields.push(field);
            }
        }
        Ok(fields)
    }

    fn function(&mut self, of: Branch<'_>) -> anyhow::Result<()> {
        let declarator = of.within("function_declarator");
        let declarator = declarator.first().with_context(|| format!("`{}` is no function", of.text()))?;
        let mut returns = self.base(of)?;
        if of.one("pointer_declarator").is_ok() {
            returns = Type::pointer(returns);
        }
        let mut parameters = Vec::new();
        for each in declarator.one("parameter_list")?.all("parameter_declaration") {
            if each.text() != "void" {
                parameters.push(self.named(each)?);
            }
        }
        let name = declarator.one("identifier")?.text().to_owned();
        self.say(name.clone());
        self.abi.functions.push(Function { symbol: name.clone(), name, returns, parameters, is_leaf: false });
        Ok(())
    }

    /// What stands before the name and its stars.
    fn base(&self, of: Branch<'_>) -> anyhow::Result<Type> {
        if let Ok(specifier) = of.one("struct_specifier") {
            return Ok(Type::Struct(specifier.one("type_identifier")?.text().to_owned()));
        }
        let name = of.one("primitive_type").or_else(|_| of.one("type_identifier"))?.text();
        Ok(match name {
            "void" => Type::Void,
            "char" => Type::Char,
            "int32_t" => Type::Int32,
            "uint32_t" => Type::Uint32,
            "uint64_t" => Type::Uint64,
            "size_t" => Type::Size,
            "float" => Type::Float,
            other => {
                let alias = self.aliases.get(other).cloned();
                alias.with_context(|| format!("`{}` has the type {other}, which is not known here", of.text()))?
            }
        })
    }

    /// A field or a parameter.
    fn named(&self, of: Branch<'_>) -> anyhow::Result<Named> {
        let mut kind = self.base(of)?;
        let mut at = of;
        while let Some(next) = at.children().into_iter().find(|child| child.kind().ends_with("declarator")) {
            match next.kind() {
                "pointer_declarator" => kind = Type::pointer(kind),
                "array_declarator" => {
                    let len = next.one("identifier")?.text();
                    let len = self.abi.constant(len).with_context(|| format!("no constant {len}"))?;
                    kind = Type::Array(Box::new(kind), usize::try_from(len)?);
                    let name = next.one("field_identifier")?.text().to_owned();
                    return Ok(Named { name, of: kind });
                }
                other => bail!("`{}` has a {other}", of.text()),
            }
            at = next;
        }
        let name = at.one("identifier").or_else(|_| at.one("field_identifier"))?;
        Ok(Named { name: name.text().to_owned(), of: kind })
    }
}

fn comment(of: Branch<'_>) -> String {
    of.text().trim_start_matches('/').trim().to_owned()
}

/// The number of a macro; those of 64 bits as Dart has them, which knows none without a sign.
fn number(text: &str) -> Option<i64> {
    let text = text.trim().trim_start_matches('(').trim_end_matches(')');
    if let Some((number, by)) = text.split_once("<<") {
        return Some(number.trim().parse::<i64>().ok()? << by.trim().parse::<u32>().ok()?);
    }
    if let Some(behind) = text.strip_prefix("UINT64_MAX") {
        let behind = behind.trim();
        return if behind.is_empty() {
            Some(-1)
        } else {
            Some(-1 - behind.strip_prefix('-')?.trim().parse::<i64>().ok()?)
        };
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_read() {
        let header = "\
#ifndef H
#define H
// Bytes.
#define BYTES 4
#define ALL (UINT64_MAX - 1)
// A handle.
typedef struct ring ring;
typedef int32_t rusted_ring_status;
// A line.
typedef struct line {
  // Its
  // name.
  char name[BYTES];
  const void *data;
} line;
#ifdef __cplusplus
extern \"C\" {
#endif // __cplusplus
// Waits.
rusted_ring_status wait(struct ring *const *rings, size_t count);
const char *version(void);
#ifdef __cplusplus
} // extern \"C\"
#endif // __cplusplus
#endif
";
        let (abi, docs) = read(header).unwrap();
        assert_eq!(abi.constants, [("BYTES".to_owned(), 4), ("ALL".to_owned(), -2)]);
        let named = |name: &str, of| Named { name: name.to_owned(), of };
        let fields =
            vec![named("name", Type::Array(Box::new(Type::Char), 4)), named("data", Type::pointer(Type::Void))];
        assert_eq!(
            abi.structs,
            [
                Struct { name: "ring".to_owned(), fields: None },
                Struct { name: "line".to_owned(), fields: Some(fields) }
            ]
        );
        let rings = Type::pointer(Type::pointer(Type::Struct("ring".to_owned())));
        let [wait, version] = &abi.functions[..] else { panic!("{abi:?}") };
        assert_eq!((wait.symbol.as_str(), &wait.returns), ("wait", &Type::Int32));
        assert_eq!(wait.parameters, [named("rings", rings), named("count", Type::Size)]);
        assert_eq!((&version.returns, version.parameters.len()), (&Type::pointer(Type::Char), 0));
        assert_eq!(
            (docs["line.name"].as_str(), docs["wait"].as_str(), docs["version"].as_str()),
            ("Its\nname.", "Waits.", "")
        );
    }

    #[test]
    fn what_is_no_header_is_told_with_its_line() {
        let error = read("\nint32_t f(\n;").unwrap_err().to_string();
        assert!(error.starts_with("line "), "{error}");
    }
}
