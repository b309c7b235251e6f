//! What a library offers to foreign languages, in whatever language it is declared.

/// What a declaration says of a C library.
#[derive(Debug, Default)]
pub(super) struct Abi {
    pub(super) constants: Vec<(String, i64)>,
    pub(super) structs: Vec<Struct>,
    pub(super) functions: Vec<Function>,
}

/// A structure, or a type that is known by pointers alone, which has no fields.
#[derive(Debug, PartialEq)]
pub(super) struct Struct {
    pub(super) name: String,
    pub(super) fields: Option<Vec<Named>>,
}

#[derive(Debug, PartialEq)]
pub(super) struct Function {
    /// As it is called in the language of the declaration.
    pub(super) name: String,
    /// As it is called in the library.
    pub(super) symbol: String,
    pub(super) returns: Type,
    pub(super) parameters: Vec<Named>,
    /// Whether the caller promises that it returns soon, and calls nothing back.
    pub(super) is_leaf: bool,
}

/// A field or a parameter.
#[derive(Debug, PartialEq)]
pub(super) struct Named {
    pub(super) name: String,
    pub(super) of: Type,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Type {
    Void,
    Char,
    Int32,
    Uint32,
    Uint64,
    Size,
    Float,
    /// A structure, by its name.
    Struct(String),
    Pointer(Box<Type>),
    Array(Box<Type>, usize),
}

impl Type {
    pub(super) fn pointer(to: Self) -> Self {
        Type::Pointer(Box::new(to))
    }

    /// Bytes that it takes and at multiples of which it lies, on processors of 64 bits.
    fn size_and_alignment(&self, abi: &Abi) -> (usize, usize) {
        match self {
            Type::Void => (0, 1),
            Type::Char => (1, 1),
            Type::Int32 | Type::Uint32 | Type::Float => (4, 4),
            Type::Uint64 | Type::Size | Type::Pointer(_) => (8, 8),
            Type::Array(of, len) => {
                let (size, alignment) = of.size_and_alignment(abi);
                (size * len, alignment)
            }
            Type::Struct(name) => {
                let fields = abi.structs.iter().find(|of| of.name == *name).and_then(|of| of.fields.as_deref());
                let layout = Layout::of(fields.unwrap_or_default(), abi);
                (layout.size, layout.alignment)
            }
        }
    }
}

/// Where the fields of a structure lie.
pub(super) struct Layout {
    pub(super) offsets: Vec<usize>,
    pub(super) size: usize,
    alignment: usize,
}

impl Layout {
    /// As C's ABI has it: each field at the next multiple of its alignment, and the whole a multiple of the largest.
    pub(super) fn of(fields: &[Named], abi: &Abi) -> Self {
        let mut layout = Layout { offsets: Vec::new(), size: 0, alignment: 1 };
        for field in fields {
            let (size, alignment) = field.of.size_and_alignment(abi);
            let offset = layout.size.next_multiple_of(alignment);
            layout.offsets.push(offset);
            layout.size = offset + size;
            layout.alignment = layout.alignment.max(alignment);
        }
        layout.size = layout.size.next_multiple_of(layout.alignment);
        layout
    }
}

impl Abi {
    pub(super) fn constant(&self, name: &str) -> Option<i64> {
        self.constants.iter().find(|(each, _)| each == name).map(|(_, value)| *value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_lie_where_a_compiler_puts_them() {
        let field = |of| Named { name: String::new(), of };
        let inner = Struct { name: "inner".to_owned(), fields: Some(vec![field(Type::Uint32), field(Type::Uint64)]) };
        let abi = Abi { structs: vec![inner], ..Abi::default() };
        let fields = [
            field(Type::Array(Box::new(Type::Char), 5)),
            field(Type::Float),
            field(Type::pointer(Type::Void)),
            field(Type::Char),
            field(Type::Struct("inner".to_owned())),
            field(Type::Int32),
        ];
        let layout = Layout::of(&fields, &abi);
        assert_eq!((layout.offsets, layout.size, layout.alignment), (vec![0, 8, 16, 24, 32, 48], 56, 8));
    }
}
