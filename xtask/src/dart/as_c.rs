//! The C ABI as Dart sees it, as C: so that a compiler and real calls can judge what Dart declares.

use super::abi::{Abi, Layout, Type};
use std::fmt::Write;

/// A C file that fails to compile with the header unless each structure lies in memory as Dart believes.
pub(super) fn layouts(abi: &Abi) -> String {
    let mut text = "#include <stddef.h>\n#include <rusted_ring.h>\n".to_owned();
    for each in &abi.structs {
        let Some(fields) = &each.fields else { continue };
        let layout = Layout::of(fields, abi);
        let name = &each.name;
        let _ = writeln!(text, "_Static_assert(sizeof(struct {name}) == {}, \"the size of {name}\");", layout.size);
        for (field, offset) in fields.iter().zip(&layout.offsets) {
            let field = &field.name;
            let _ = writeln!(text, "_Static_assert(offsetof(struct {name}, {field}) == {offset}, \"{name}.{field}\");");
        }
    }
    text
}

/// A header by which a C program calls the library that the macro `RUSTED_RING_LIBRARY` names as Dart does: what is called is looked up in it at run time, and
/// types are those that Dart declares.
pub(super) fn header(abi: &Abi) -> String {
    let mut text = "\
#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
typedef int32_t rusted_ring_status;
"
    .to_owned();
    for (name, value) in &abi.constants {
        // Dart has no numbers of 64 bits without a sign.
        let _ = if *value < 0 && !is_status(name) {
            writeln!(text, "#define {name} ((uint64_t)({value}))")
        } else {
            writeln!(text, "#define {name} ({value})")
        };
    }
    for each in &abi.structs {
        let _ = writeln!(text, "typedef struct {0} {0};", each.name);
    }
    for each in &abi.structs {
        let Some(fields) = &each.fields else { continue };
        let fields: Vec<String> = fields.iter().map(|field| declared(&field.of, &field.name)).collect();
        let _ = writeln!(text, "struct {} {{ {}; }};", each.name, fields.join("; "));
    }
    for each in &abi.functions {
        let parameters: Vec<String> = each.parameters.iter().map(|parameter| c(&parameter.of)).collect();
        let parameters = if parameters.is_empty() { "void".to_owned() } else { parameters.join(", ") };
        let _ = writeln!(text, "__attribute__((unused)) static {} (*{})({parameters});", c(&each.returns), each.name);
    }
    text.push_str("__attribute__((constructor)) static void load(void) {\n");
    text.push_str("    void *library = dlopen(RUSTED_RING_LIBRARY, RTLD_NOW | RTLD_LOCAL);\n");
    text.push_str("    if (library == NULL) { fprintf(stderr, \"%s\\n\", dlerror()); exit(1); }\n");
    for each in &abi.functions {
        let _ = writeln!(text, "    *(void **)&{} = dlsym(library, \"{}\");", each.name, each.symbol);
        let _ = writeln!(text, "    if ({} == NULL) {{ fprintf(stderr, \"%s\\n\", dlerror()); exit(1); }}", each.name);
    }
    text.push_str("}\n");
    text
}

/// Whether a constant is what a call returns: those below 0 are numbers of 32 bits.
fn is_status(name: &str) -> bool {
    !["RUSTED_RING_NEWEST", "RUSTED_RING_OLDEST", "RUSTED_RING_FOREVER"].contains(&name)
}

fn declared(of: &Type, name: &str) -> String {
    match of {
        Type::Array(of, len) => format!("{} {name}[{len}]", c(of)),
        other => format!("{} {name}", c(other)),
    }
}

fn c(of: &Type) -> String {
    match of {
        Type::Void => "void".to_owned(),
        Type::Char => "char".to_owned(),
        Type::Int32 => "int32_t".to_owned(),
        Type::Uint32 => "uint32_t".to_owned(),
        Type::Uint64 => "uint64_t".to_owned(),
        Type::Size => "size_t".to_owned(),
        Type::Float => "float".to_owned(),
        Type::Struct(name) => name.clone(),
        Type::Pointer(to) | Type::Array(to, _) => format!("{} *", c(to)),
    }
}
