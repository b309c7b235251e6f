//! The C ABI as a Dart file declares it, read.

use super::abi::{Abi, Function, Named, Struct, Type};
use super::tree::{Branch, parse};
use anyhow::{Context, bail, ensure};

/// Fails unless `source` is Dart.
pub(super) fn check_syntax(source: &str) -> anyhow::Result<()> {
    parse(source, tree_sitter_dart::LANGUAGE).map(drop)
}

/// The constants, structures and native functions that `source` declares.
pub(super) fn read(source: &str) -> anyhow::Result<Abi> {
    let tree = parse(source, tree_sitter_dart::LANGUAGE)?;
    let mut abi = Abi::default();
    for each in Branch::root(&tree, source).children() {
        match each.kind() {
            "top_level_variable_declaration" => abi.constants.push(constant(each)?),
            "class_declaration" => abi.structs.push(structure(each)?),
            "external_function_declaration" => abi.functions.push(function(each)?),
            _ => {}
        }
    }
    Ok(abi)
}

fn constant(of: Branch<'_>) -> anyhow::Result<(String, i64)> {
    let name = of.within("static_final_declaration");
    let name = name.first().with_context(|| format!("`{}` is no constant", of.text()))?;
    let (_, value) = name.text().split_once('=').with_context(|| format!("`{}` has no value", of.text()))?;
    let value = value.trim().parse().with_context(|| format!("`{}` is no number", of.text()))?;
    Ok((name.one("identifier")?.text().to_owned(), value))
}

fn structure(of: Branch<'_>) -> anyhow::Result<Struct> {
    let name = of.one("identifier")?.text().to_owned();
    let fields = match of.one("superclass")?.one("type")?.text() {
        "ffi.Opaque" => None,
        "ffi.Struct" => {
            let members = of.one("class_body")?.all("member_declaration");
            Some(members.into_iter().map(field).collect::<anyhow::Result<_>>()?)
        }
        other => bail!("{name} extends {other}"),
    };
    Ok(Struct { name, fields })
}

fn field(of: Branch<'_>) -> anyhow::Result<Named> {
    let declaration = of.one("declaration")?;
    let name = declaration.one("identifier_list")?.text().to_owned();
    let seen = declaration.one("type")?;
    let kind = match of.one("annotation") {
        Err(_) => native(seen)?,
        Ok(annotation) => {
            let annotated = annotation.one("qualified_name")?.text();
            if annotated == "ffi.Array" {
                let len = annotation.one("annotation_arguments")?.one("decimal_integer_literal")?.text().parse()?;
                let each = seen.one("type_arguments")?.one("type")?;
                Type::Array(Box::new(native(each)?), len)
            } else {
                named(annotated)?
            }
        }
    };
    ensure!(is_seen_as(&kind, seen.text()), "{name} is {kind:?} and has the type {}", seen.text());
    Ok(Named { name, of: kind })
}

fn function(of: Branch<'_>) -> anyhow::Result<Function> {
    let (annotation, signature) = (of.one("annotation")?, of.one("function_signature")?);
    let name = signature.one("identifier")?.text().to_owned();
    let declared = annotation.one("type_arguments")?.one("type")?.one("function_type")?;
    let returns = native(declared.one("type")?)?;
    let seen = signature.one("type").map_or("void", Branch::text);
    ensure!(is_seen_as(&returns, seen), "{name} returns {returns:?} and has the type {seen}");
    let natives = declared.one("parameter_type_list")?.all("normal_parameter_type");
    let visible = signature.one("formal_parameter_list")?.all("formal_parameter");
    ensure!(natives.len() == visible.len(), "{name} has {} parameters, and {}", natives.len(), visible.len());
    let mut parameters = Vec::new();
    for (declared, seen) in natives.into_iter().zip(visible) {
        let (kind, parameter) = (native(declared.one("type")?)?, seen.one("identifier")?.text());
        let seen = seen.one("type")?.text();
        ensure!(is_seen_as(&kind, seen), "{parameter} of {name} is {kind:?} and has the type {seen}");
        parameters.push(Named { name: parameter.to_owned(), of: kind });
    }
    let mut function = Function { symbol: name.clone(), name, returns, parameters, is_leaf: false };
    for argument in annotation.one("annotation_arguments")?.all("named_argument") {
        let (label, value) = argument.text().split_once(':').context("an argument without a name")?;
        match (label, value.trim()) {
            ("isLeaf", "true") => function.is_leaf = true,
            ("symbol", symbol) => function.symbol = symbol.trim_matches('\'').to_owned(),
            (label, value) => bail!("{} has {label} {value}", function.name),
        }
    }
    Ok(function)
}

/// Whether dart:ffi lets Dart see a native type as one of this name: an integer of any width is an `int`, a floating-point number a `double`, and all else itself.
fn is_seen_as(native: &Type, seen: &str) -> bool {
    match native {
        Type::Void => seen == "void",
        Type::Float => seen == "double",
        Type::Char | Type::Int32 | Type::Uint32 | Type::Uint64 | Type::Size => seen == "int",
        Type::Struct(name) => seen == name,
        Type::Pointer(to) => inside(seen, "ffi.Pointer<").is_some_and(|inner| is_written_as(to, inner)),
        Type::Array(of, _) => inside(seen, "ffi.Array<").is_some_and(|inner| is_written_as(of, inner)),
    }
}

fn is_written_as(native: &Type, text: &str) -> bool {
    match native {
        Type::Pointer(to) => inside(text, "ffi.Pointer<").is_some_and(|inner| is_written_as(to, inner)),
        other => named(text).is_ok_and(|named| named == *other),
    }
}

fn inside<'t>(text: &'t str, before: &str) -> Option<&'t str> {
    text.strip_prefix(before)?.strip_suffix('>')
}

/// A native type that is written out.
fn native(of: Branch<'_>) -> anyhow::Result<Type> {
    let Ok(arguments) = of.one("type_arguments") else { return named(of.text()) };
    ensure!(of.text().starts_with("ffi.Pointer<"), "`{}` is no type of the library's", of.text());
    Ok(Type::pointer(native(arguments.one("type")?)?))
}

fn named(name: &str) -> anyhow::Result<Type> {
    Ok(match name {
        "ffi.Void" => Type::Void,
        "ffi.Char" => Type::Char,
        "ffi.Int32" => Type::Int32,
        "ffi.Uint32" => Type::Uint32,
        "ffi.Uint64" => Type::Uint64,
        "ffi.Size" => Type::Size,
        "ffi.Float" => Type::Float,
        name if !name.contains('.') => Type::Struct(name.to_owned()),
        name => bail!("the type {name} is not known here"),
    })
}
