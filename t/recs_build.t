#!/usr/bin/perl

# The filter's place among nginx's own, as the build has it: after gunzip and
# the headers filter (it sees plain text and has the last word on
# Cache-Control), before everything that works on the final text.  Filters run
# from the end of the list to its start.

use strict;
use warnings;

use Test::More;

my $build = $ENV{RECS_BUILD} // 'build';
my $static = defined $ENV{RECS_MODULE} && $ENV{RECS_MODULE} eq '';

my @after = qw(gunzip userid headers copy range_body not_modified slice);


sub names {
    my ($file, $list) = @_;

    open my $fh, '<', $file or return;
    local $/;
    my ($body) = <$fh> =~ /char \*$list\[\] = \{(.*?)\};/s or return;

    return $body =~ /"ngx_(?:http_)?(\w+?)_module"/g;
}

if ($static) {
    my @names = names("$build/static/ngx_modules.c", 'ngx_module_names');
    my %at = map { $names[$_] => $_ } 0 .. $#names;

    plan skip_all => "no $build/static/ngx_modules.c" unless @names;
    plan tests => 1 + 2 * @after;

    is($names[$at{recs} - 1], 'addition_filter', 'right after addition');

    for my $name (@after) {
        ok(defined $at{"${name}_filter"}, "$name is in this nginx");
        ok($at{recs} < $at{"${name}_filter"}, "$name runs before us");
    }

} else {
    my @names = names("$build/module/ngx_http_recs_module_modules.c",
                      'ngx_module_order');

    plan skip_all => "no $build/module" unless @names;
    plan tests => 1;

    is_deeply(\@names, ['recs', map { "${_}_filter" } @after],
              'placed before gunzip in the list');
}
