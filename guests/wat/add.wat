;; The smallest useful module: a function of each number type, and one with two results.
;; `anneal run --invoke add guests/wat/add.wat 2 3` prints 5.
(module
  (func (export "add") (param i32 i32) (result i32)
    (i32.add (local.get 0) (local.get 1)))
  (func (export "add64") (param i64 i64) (result i64)
    (i64.add (local.get 0) (local.get 1)))
  (func (export "addf") (param f32 f32) (result f32)
    (f32.add (local.get 0) (local.get 1)))
  (func (export "addd") (param f64 f64) (result f64)
    (f64.add (local.get 0) (local.get 1)))
  (func (export "divmod") (param $a i32) (param $b i32) (result i32 i32)
    (i32.div_s (local.get $a) (local.get $b))
    (i32.rem_s (local.get $a) (local.get $b))))
