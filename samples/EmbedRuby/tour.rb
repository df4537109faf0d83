# What the sample evaluates when it's given no script. The value of the last expression is what Evaluate returns.
require "json"
require "set"
$stdout.sync = true

class Account
  class Empty < StandardError
    def initialize(name, missing) = super("#{name} lacks #{format("%.2f", missing)}")
  end

  attr_reader :name, :balance

  def initialize(name, balance) = (@name, @balance = name, balance)

  def take(amount)
    raise Empty.new(name, amount - balance) if amount > balance
    @balance -= amount
  end
end

puts "-- json, string formatting, exceptions"
text = '[{"name": "ada", "balance": 12.5}, {"name": "grace", "balance": 3}]'
accounts = JSON.parse(text, symbolize_names: true).map { Account.new(_1[:name], _1[:balance]) }
accounts.each do |account|
  account.take(5)
  puts "%-6s|%8.2f|%+05d|%#x" % [account.name, account.balance, account.balance, 255]
rescue Account::Empty => e
  puts "#{e.class}: #{e.message} (#{e.backtrace.first[/in .*/]})"
ensure
  puts "asked #{account.name}"
end
begin
  JSON.parse('{"open": [1, 2')
rescue JSON::ParserError => e
  puts "#{e.class} is a #{JSON::ParserError.superclass}"
end

puts "-- sets, structs, pattern matching, regular expressions"
Point = Struct.new(:x, :y) do
  def +(other) = Point.new(x + other.x, y + other.y)
end
tags = Set["b", "a", "b"] | Set["c"]
puts tags.include?("c"), tags.subset?(Set[*"a".."d"]), (Point.new(1, 2) + Point.new(3, 4)).inspect
case { kind: "circle", at: [1, 2], radius: 3 }
in { kind: "circle", at: [x, y], radius: Integer => radius } then puts "circle of #{radius} at #{x}, #{y}"
end
puts "2026-11-22 and 1999-01-02".gsub(/(?<year>\d+)-(?<month>\d+)-(?<day>\d+)/) { "#{$~[:day].to_i}.#{$~[:month].to_i}.#{$~[:year]}" }
puts Time.at(0).utc.strftime("%Y-%m-%dT%H:%M:%SZ, %A")

puts "-- blocks, fibers, big numbers, throw"
fib = Enumerator.new { |y| a, b = 0, 1; loop { y << a; a, b = b, a + b } }
puts fib.lazy.select(&:even?).first(8).inspect
fiber = Fiber.new { |n| loop { n = Fiber.yield(n * n) } }
puts [2, 3, 4].map { fiber.resume(_1) }.sum
puts 2**100, (1..20).inject(:*), 10.0 / 3, Rational(1, 3) + 1
puts catch(:found) { (1..).each { |n| throw :found, n if n * n > 1000 } }
puts <<~TEXT
  heredoc: #{"caf\u00e9".upcase}, #{"\u03b1\u03b2".chars.reverse.join}
    indented
TEXT
puts [3, 1, 2].sort_by { -_1 }.each_slice(2).to_a.inspect, (1..10_000).sum { |i| i % 7 }
GC.start

JSON.generate(accounts: accounts.to_h { [_1.name, _1.balance] }, tags: tags.sort, words: "the cat the dog".split.tally)
