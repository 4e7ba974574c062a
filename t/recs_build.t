#!/usr/bin/perl

# The filters' places among nginx's own, as the build has them: the one that
# fills runs after gunzip and the headers filter (it sees plain text and has
# the last word on Cache-Control), before everything that works on the final
# text; the early one before not_modified.  Filters run from the end of the
# list to its start.

use strict;
use warnings;

use Test::More;

my $build = $ENV{RECS_BUILD} // 'build';
my $static = defined $ENV{RECS_MODULE} && $ENV{RECS_MODULE} eq '';

my @before = qw(gunzip userid headers copy range_body not_modified);


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
    plan tests => 3 + 2 * @before;

    is($names[$at{recs} - 1], 'addition_filter', 'right after addition');

    for my $name (@before) {
        ok(defined $at{"${name}_filter"}, "$name is in this nginx");
        ok($at{recs} < $at{"${name}_filter"}, "$name runs before us");
    }

    is($names[$at{recs_early_filter} - 1], 'not_modified_filter',
       'the early one right before not_modified');
    is($names[$at{recs_early_filter} + 1], 'slice_filter', 'after slice');

} else {
    my @names = names("$build/module/ngx_http_recs_module_modules.c",
                      'ngx_module_order');

    plan skip_all => "no $build/module" unless @names;
    plan tests => 1;

    is_deeply(\@names,
              ['recs', map { "${_}_filter" } @before, 'recs_early', 'slice'],
              'the order that nginx is given');
}
