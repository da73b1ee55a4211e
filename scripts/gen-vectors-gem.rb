# Writes src/ecosystems/ruby/fixtures/versions.txt: what RubyGems itself says of version texts.
#
# Run with any Ruby:  ruby scripts/gen-vectors-gem.rb
# First texts that are versions (`+ text`) or not (`! text`), as JSON strings; then `a < b`, `a = b` or `a > b`.

require 'json'
require 'rubygems'

random = Random.new(3)
pick = ->(from) { from[random.rand(from.size)] }
numbers = %w[0 0 0 1 1 2 9 10 00 01 007 20240101120000 9223372036854775808 99999999999999999999]
words = %w[a b rc rc1 rc9 rc10 RC1 beta alpha pre dev x rc01 a0 0a 1a b0b java Z z9z10]

version = lambda do
  text = pick.(numbers)
  random.rand(5).times { text += '.' + (random.rand(3).zero? ? pick.(words) : pick.(numbers)) }
  if random.rand(4).zero?
    text += '-' + pick.(words + numbers + ['x-y', '-'])
    random.rand(3).times { text += '.' + pick.(words + numbers) }
  end
  text
end
near = lambda do |text|
  at = random.rand(text.size)
  text[0...at] + pick.(['', '0', '1', '.0', '.a', 'a', '-']) + (text[(at + random.rand(2))..] || '')
end

odd = ['', ' ', '1', ' 1.0 ', "1.0\n", "1\n2", "junk\n1.0", '1.', '.1', '1..2', 'a', 'v1', '1.0-', '1.0-a.', '1-2-3', '1.0_1', '1.0+1',
       '1.0 1', '1,0', 'Foo::VERSION', '1.ü', '1.0-ü', '>= 1', '1.a-b-c.d', '1.0.0-x86_64-linux', '-1', "1\t", '1!2', '1~a']
small = %w[0 0.0 1 1.0 1.0.0 1.0.1 1.1 1.a 1.0.a 1.a.0 1.a.1 1.a.0.1 1.a.0.0.1 1.a.b 1.a.0.b 1.a.0.0.b 1.ab 1.A 1.a1 1.a.10 1.a9 1.a10 1.0.0.rc9
           1.0.0.rc10 1.0.0.rc.9 1.0.0-rc1 1.0.0-1 1-a 1.pre.a 1.pre 1.0.pre1 1.9 1.10 1.0.0.1 1.0.0.0.1 2.a 1.b0 1.b 0.a 0.0.a 0.0.1 6.0.0.rc1]

texts = (odd + small + Array.new(500) { version.() }).uniq
lines = texts.map { |text| "#{Gem::Version.correct?(text) ? '+' : '!'} #{text.to_json}" }
pairs = small.product(small).select { |a, b| a < b }
pairs += Array.new(1200) { [version.(), version.()] }
pairs += Array.new(1800) { a = version.(); [a, near.(a)] }
pairs.uniq.each do |a, b|
  next unless Gem::Version.correct?(a) && Gem::Version.correct?(b) && b != ''
  lines << "#{a} #{%w[< = >][(Gem::Version.new(a) <=> Gem::Version.new(b)) + 1]} #{b}"
end
fixtures = File.join(__dir__, '../src/ecosystems/ruby/fixtures')
File.write(File.join(fixtures, 'versions.txt'), lines.join("\n") + "\n")
