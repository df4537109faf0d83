;; One call, one long loop: it starts in whatever tier comes first, and must go over to a better one while it runs.
(module
  (func (export "main") (param $rounds i32) (result i64)
    (local $sum i64)
    (if (local.get $rounds)
      (then
        (loop $next
          ;; sum = (sum xor rounds) * 5 + 1, so that no compiler knows the end beforehand
          (local.set $sum
            (i64.add
              (i64.mul (i64.xor (local.get $sum) (i64.extend_i32_u (local.get $rounds))) (i64.const 5))
              (i64.const 1)))
          (br_if $next (local.tee $rounds (i32.sub (local.get $rounds) (i32.const 1)))))))
    (local.get $sum)))
