package RecsModels;

# Models of a test, in files and folders of $self->path, a class's own.

use strict;
use warnings;

use JSON::PP ();


# Runs the recs command; dies where it fails.
sub recs {
    my ($self, @arguments) = @_;

    my ($status, $output) = $self->run($self->{recs}, @arguments);
    die "recs @arguments: $output\n" if $status != 0;

    return $output;
}


# A small model of two tastes, the same for the same options: users u1 .. and
# items i1 ..; odd users like odd items.  Its path.
#
#     users => 40, items => 30, seed => 1, model => 'ials', factors => 8
#     attributes => { i3 => { title => '<b>', url => '...' } }
#
# Every item has title, url, image, category; `attributes` replaces some.
sub bundle {
    my ($self, $name, %options) = @_;

    my $n_users = $options{users} // 40;
    my $n_items = $options{items} // 30;
    my $random = $options{seed} // 1;
    my $model = $options{model} // 'ials';
    my @settings = $model eq 'ials'
        ? ('--set', 'factors=' . ($options{factors} // 8)) : ();

    my $below = sub {
        $random = ($random * 1103515245 + 12345) % 2147483648;
        return int($random / 65536) % $_[0];
    };

    my $events = "user,item,timestamp\n";

    for my $u (1 .. $n_users) {
        for my $n (1 .. 8) {
            my $i = 1 + $below->($n_items);
            $i += 1 if ($i + $u) % 2 && $below->(10) > 0;
            $i = 1 + $u % 2 if $i > $n_items;
            $events .= "u$u,i$i," . (1700000000 + 86400 * $n + $u) . "\n";
        }
    }

    my @columns = qw(title url image category);
    my $items = join(',', 'item', @columns) . "\n";

    for my $i (1 .. $n_items) {
        my %values = (title => "Item $i", url => "/item/i$i",
                      image => "/images/$i.png",
                      category => $i % 2 ? 'odd' : 'even',
                      %{ $options{attributes}{"i$i"} // {} });

        $items .= join(',', "i$i", map {
            my $value = $values{$_};
            $value =~ s/"/""/g;
            "\"$value\"";
        } @columns) . "\n";
    }

    $self->write("$name.events.csv", $events);
    $self->write("$name.items.csv", $items);

    $self->recs('import', '--format', 'csv', '--items',
                $self->path("$name.items.csv"), '-o',
                $self->path("$name.data"), $self->path("$name.events.csv"));
    $self->recs('train', '--model', $model, @settings, '--data',
                $self->path("$name.data"), '-o', $self->path("$name.mdb"));
    chmod 0644, $self->path("$name.mdb");

    return $self->path("$name.mdb");
}


# Publishes a bundle into a folder; the generation, "000002-9f3c21aa".
sub publish {
    my ($self, $bundle, $folder) = @_;

    $self->recs('publish', $bundle, $self->path($folder));

    my ($generation) = readlink($self->path("$folder/current"))
        =~ /^gen-(\d{6}-[0-9a-f]{8})\.mdb$/ or die "no generation\n";

    return $generation;
}


# What the command answers offline: the ids, in order.
sub offline {
    my ($self, $bundle, $user, $k) = @_;

    my $output = $self->recs('recommend', $bundle, '--user', $user, '-k',
                             $k // 10, '--json');

    return map { $_->{id} } @{ JSON::PP::decode_json($output)->{items} };
}


1;
