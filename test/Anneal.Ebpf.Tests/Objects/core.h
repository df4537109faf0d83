// What relocatable programs have from libbpf's headers, in as many words as the tests need.
#define CORE __attribute__((preserve_access_index))
#define __kconfig __attribute__((section(".kconfig")))
#define __ksym __attribute__((section(".ksyms")))
#define __weak __attribute__((weak))
#define field_offset(field) __builtin_preserve_field_info(field, 0)
#define field_size(field) __builtin_preserve_field_info(field, 1)
#define field_exists(field) __builtin_preserve_field_info(field, 2)
#define field_signed(field) __builtin_preserve_field_info(field, 3)
#define field_left(field) __builtin_preserve_field_info(field, 4)
#define field_right(field) __builtin_preserve_field_info(field, 5)
#define type_exists(type) __builtin_preserve_type_info(*(type *)0, 0)
#define type_size(type) __builtin_preserve_type_info(*(type *)0, 1)
#define type_id_local(type) __builtin_btf_type_id(*(type *)0, 0)
#define type_id_target(type) __builtin_btf_type_id(*(type *)0, 1)
#define enum_exists(type, name) __builtin_preserve_enum_value(*(type *)name, 0)
#define enum_value(type, name) __builtin_preserve_enum_value(*(type *)name, 1)

// A bit field, wherever it is: loaded whole, then shifted to the left end and back.
#define bits(from, field) ({ \
    const void *at = (const void *)(from) + field_offset((from)->field); \
    u64 value = 0; \
    switch (field_size((from)->field)) { \
    case 1: value = *(const u8 *)at; break; \
    case 2: value = *(const u16 *)at; break; \
    case 4: value = *(const u32 *)at; break; \
    case 8: value = *(const u64 *)at; break; \
    } \
    value <<= field_left((from)->field); \
    field_signed((from)->field) ? (u64)((s64)value >> field_right((from)->field)) : value >> field_right((from)->field); })
